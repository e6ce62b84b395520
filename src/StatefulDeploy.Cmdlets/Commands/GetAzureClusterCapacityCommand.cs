using System.Management.Automation;
using StatefulDeploy.Cmdlets.Loading;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Tells what the machines of a service on Azure have left: disks, quota, zones. Touches nothing.</summary>
[Cmdlet(VerbsCommon.Get, "AzureClusterCapacity", DefaultParameterSetName = ByPath)]
[OutputType(typeof(AzureClusterCapacity))]
public sealed class GetAzureClusterCapacityCommand : ReadCommand
{
    private protected override void Read(UpgradeRequest request) =>
        WriteObject(Run((reporter, cancellation) => Product.Azure.GetCapacityAsync(request, reporter, cancellation)), enumerateCollection: true);
}
