namespace StatefulDeploy.Gateway.Sessions;

/// <summary>The commands of an open transaction, MULTI first. None has been executed before EXEC is sent: they may be said again elsewhere.</summary>
internal sealed class TransactionLog(int limit)
{
    private readonly List<byte[]> _commands = [];
    private int _bytes;

    /// <summary>Whether it grew too large to be kept.</summary>
    public bool IsTooLarge { get; private set; }

    public IReadOnlyList<byte[]> Commands => _commands;

    public void Add(ReadOnlySpan<byte> command)
    {
        _bytes += command.Length;
        if (_bytes > limit)
            Abandon();
        else if (!IsTooLarge)
            _commands.Add(command.ToArray());
    }

    /// <summary>It can no longer be said again as a whole.</summary>
    public void Abandon()
    {
        IsTooLarge = true;
        _commands.Clear();
    }
}
