namespace StatefulDeploy.Harness.Azure;

/// <summary>How long operations take. By default as good as nothing, so that tests wait for nothing.</summary>
public sealed record AzureDelays
{
    /// <summary>Attaching a batch of disks.</summary>
    public TimeSpan Attach { get; init; }

    /// <summary>Detaching a batch of disks. At half of it the disks read Unattached already.</summary>
    public TimeSpan Detach { get; init; }

    /// <summary>Making a machine.</summary>
    public TimeSpan CreateMachine { get; init; }

    /// <summary>Deleting a machine.</summary>
    public TimeSpan DeleteMachine { get; init; }

    /// <summary>Starting and stopping a machine.</summary>
    public TimeSpan Power { get; init; }

    /// <summary>Making, changing or deleting a disk or a snapshot.</summary>
    public TimeSpan Disk { get; init; }

    /// <summary>From a copied disk's or snapshot's making to 100 percent.</summary>
    public TimeSpan Hydration { get; init; }

    /// <summary>Changing something of the network.</summary>
    public TimeSpan Network { get; init; }

    /// <summary>What Azure takes, scaled: most detaches take 30 to 120 s, attaches 10 to 30 s, a machine about a minute.</summary>
    /// <param name="scale">1 is Azure's pace; 0.01 makes seconds of minutes.</param>
    public static AzureDelays Realistic(double scale) => new()
    {
        Attach = TimeSpan.FromSeconds(20) * scale,
        Detach = TimeSpan.FromSeconds(45) * scale,
        CreateMachine = TimeSpan.FromSeconds(60) * scale,
        DeleteMachine = TimeSpan.FromSeconds(45) * scale,
        Power = TimeSpan.FromSeconds(30) * scale,
        Disk = TimeSpan.FromSeconds(5) * scale,
        Hydration = TimeSpan.FromSeconds(120) * scale,
        Network = TimeSpan.FromSeconds(5) * scale,
    };
}
