namespace StatefulDeploy.Gateway.Sessions;

/// <summary>A SUBSCRIBE or UNSUBSCRIBE that is not fully confirmed yet.</summary>
internal sealed class SubscribeRequest(string command, int names, byte[] frame)
{
    /// <summary>The command's name in upper case.</summary>
    public string Command { get; } = command;

    /// <summary>The request's bytes, for the connection that stands by.</summary>
    public byte[] Frame { get; } = frame;

    /// <summary>Confirmations to come: one a name. Without names it takes one for all there is, at least one.</summary>
    public int Left { get; private set; } = names == 0 ? -1 : names;

    /// <summary>Counts one confirmation.</summary>
    /// <param name="subscribed">How many names of the kind there were before it.</param>
    /// <returns>Whether it was the last.</returns>
    public bool Confirm(int subscribed)
    {
        if (Left < 0)
            Left = Math.Max(1, subscribed);

        return --Left == 0;
    }
}
