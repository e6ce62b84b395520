namespace StatefulDeploy.Load;

/// <summary>The size and shape of a ledger's load.</summary>
public sealed record LedgerOptions
{
    /// <summary>Clients that write, each on a connection of its own.</summary>
    public int Writers { get; init; } = 8;

    /// <summary>Clients that read, each on a connection of its own.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Writes a second and client; 0 for as many as go.</summary>
    public double WritesPerSecond { get; init; }

    /// <summary>Reads a second and client; 0 for as many as go.</summary>
    public double ReadsPerSecond { get; init; }

    /// <summary>Writes or reads a client sends before it waits for their answers.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>What is written: one after the other, or together where <see cref="Transactions"/> is set.</summary>
    public LedgerWriteKinds Kinds { get; init; } = LedgerWriteKinds.Record | LedgerWriteKinds.Counter | LedgerWriteKinds.List;

    /// <summary>Every number is written in all <see cref="Kinds"/> by one transaction, so that a half-applied one shows.</summary>
    public bool Transactions { get; init; }

    /// <summary>Bytes of a record's value; at least as many as its client and number need.</summary>
    public int ValueSize { get; init; } = 64;

    /// <summary>What the keys start with, so that two ledgers can be kept on one service.</summary>
    public string Prefix { get; init; } = "w";

    /// <summary>Writes of each client in all; 0 for no end.</summary>
    public long WritesPerClient { get; init; }

    /// <summary>How long a client waits for an answer before it gives the connection up.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client waits after a refusal or a lost connection before it tries the next thing.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// What an error starts with after which a client looks for the service again on a new connection, as client libraries do
    /// when the server they are connected to has become a replica.
    /// </summary>
    public IReadOnlyList<string> ReconnectOn { get; init; } = [];

    /// <summary>Seeds the readers' choice of what to read.</summary>
    public int Seed { get; init; } = 1;
}
