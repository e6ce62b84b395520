using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>An act of the engine that is to run inside the guard, with the service as it is described on the machine that the upgrade is run on (null: as the guard knows it).</summary>
internal sealed record ActRequest(GuardedAct Act, string UpgradeId, ClusterLayout Source, ClusterLayout Target, ClusterPosition? Position, TimeSpan Within, ServiceDescription? Service = null);
