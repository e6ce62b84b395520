using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>What an engine is given for every act: the two clusters, the direction, and the ways to reach them.</summary>
public sealed record EngineContext
{
    private readonly ServiceDescription? _localService;

    /// <summary>The service as described.</summary>
    public required ServiceDescription Service { get; init; }

    /// <summary>The service as processes know it that are started on the machine that the upgrade is run on; inside a guard on another machine its paths are not those of <see cref="Service"/>.</summary>
    public ServiceDescription LocalService
    {
        get => _localService ?? Service;
        init => _localService = value;
    }

    /// <summary>The cluster that is left: blue in an upgrade, green when a switch is undone.</summary>
    public required ClusterLayout Source { get; init; }

    /// <summary>The cluster that is gone to: green in an upgrade, blue when a switch is undone.</summary>
    public required ClusterLayout Target { get; init; }

    /// <summary>The id of the upgrade: names of things that are made for it carry it.</summary>
    public required string UpgradeId { get; init; }

    /// <summary>The hosts by name.</summary>
    public required IHostDirectory Hosts { get; init; }

    /// <summary>Passwords.</summary>
    public required ISecrets Secrets { get; init; }

    /// <summary>How to start a process of our own program on this machine.</summary>
    public required IOwnProgram OwnProgram { get; init; }

    /// <summary>Where steps, progress and risks are told.</summary>
    public required IReporter Reporter { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether this is the way back: blue is the target.</summary>
    public bool IsReverse => Target.Colour == ClusterColour.Blue;
}
