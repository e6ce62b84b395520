using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>What the process of a copy is told. Holds no secret.</summary>
/// <param name="Service">The service.</param>
/// <param name="UpgradeId">The upgrade that it fills green for.</param>
/// <param name="Source">The cluster that is copied.</param>
/// <param name="Target">The cluster that is filled.</param>
internal sealed record CopySpecification(ServiceDescription Service, string UpgradeId, ClusterLayout Source, ClusterLayout Target);
