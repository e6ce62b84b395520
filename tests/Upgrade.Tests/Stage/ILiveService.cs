using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>What an operator upgrades: a cluster of real servers behind a router, described by a service file.</summary>
internal interface ILiveService
{
    TestBed Bed { get; }

    /// <summary>The service file.</summary>
    string File { get; }

    /// <summary>The folder of the journals.</summary>
    string StateFolder { get; }

    /// <summary>The environment of the processes of this service.</summary>
    ProcessOptions Options(IReadOnlyDictionary<string, string?>? more = null);
}
