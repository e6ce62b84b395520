using System.Net;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Compute;
using StatefulDeploy.Harness.Azure.Hardware;

namespace StatefulDeploy.Harness.Azure;

/// <summary>How a simulator is set up.</summary>
public sealed record AzureOptions
{
    /// <summary>Where it listens: an address of this machine, on which also others may reach it. Its port is a free one unless <see cref="Port"/> says which.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>How long operations take.</summary>
    public AzureDelays Delays { get; init; } = new();

    /// <summary>What <c>Retry-After</c> says in seconds while an operation is under way; null says nothing, and the client polls as it likes.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>Whether the api-versions of the recordings are taken, which are newer than the OpenAPI files: for their replay alone.</summary>
    public bool AcceptNewerVersions { get; init; }

    /// <summary>How many elements a page of a list has.</summary>
    public int PageSize { get; init; } = 100;

    /// <summary>How long a token lives.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The machine sizes there are.</summary>
    public IReadOnlyList<MachineSize> Sizes { get; init; } = MachineSize.Usual;

    /// <summary>How many cores of all sizes may be used in a region.</summary>
    public int RegionalCores { get; init; } = 2000;

    /// <summary>How much may be asked.</summary>
    public IReadOnlyList<ThrottlePolicy> Limits { get; init; } = ThrottlePolicy.Documented;

    /// <summary>What is behind the machines and disks.</summary>
    public IAzureHardware Hardware { get; init; } = new NoHardware();

    /// <summary>The clock of tokens, limits and operations.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
