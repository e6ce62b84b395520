using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>An act of the engine that is to run inside the guard.</summary>
internal sealed record ActRequest(GuardedAct Act, string UpgradeId, ClusterLayout Source, ClusterLayout Target, ClusterPosition? Position, TimeSpan Within);
