using StatefulDeploy.Load;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>Two servers ready to be switched.</summary>
public interface IPreparedSwitch
{
    /// <summary>The service as clients reach it, before and after.</summary>
    ILedgerEndpoint Clients { get; }

    /// <summary>The server that has everything afterwards.</summary>
    ILedgerEndpoint Afterwards { get; }

    /// <summary>Errors after which this way's clients look for the server again.</summary>
    IReadOnlyList<string> ReconnectOn { get; }

    /// <summary>After the switch: when writes were closed, where the way to switch knows it.</summary>
    (DateTimeOffset From, DateTimeOffset To)? Window => null;

    /// <summary>Switches; returns when it is done.</summary>
    Task SwitchAsync();
}
