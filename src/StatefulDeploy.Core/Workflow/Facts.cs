namespace StatefulDeploy.Workflow;

/// <summary>What a step leaves in the journal for later ones.</summary>
internal static class Facts
{
    /// <summary>Nothing.</summary>
    internal static IReadOnlyDictionary<string, string>? None => null;

    /// <summary>Facts by name.</summary>
    internal static IReadOnlyDictionary<string, string> Of(params (string Name, string Value)[] facts) =>
        facts.ToDictionary(fact => fact.Name, fact => fact.Value, StringComparer.Ordinal);
}
