namespace StatefulDeploy.Workflow;

/// <summary>The moments inside a window that the report shows; the journal has them as samples.</summary>
internal static class MarkName
{
    /// <summary>The router is asked to hold: from here on writes may wait.</summary>
    internal const string Closing = "closing";

    /// <summary>The router holds, and no write is in flight any more.</summary>
    internal const string Held = "held";

    /// <summary>Every source node was closed.</summary>
    internal const string Fenced = "fenced";

    /// <summary>Writes go on, wherever.</summary>
    internal const string Opened = "opened";
}
