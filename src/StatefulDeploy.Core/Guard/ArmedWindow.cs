using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>The content of a window's plan file: what the watcher needs, also after a reboot and whatever has become of the service file.</summary>
internal sealed record ArmedWindow(WindowPlan Plan, long Epoch, GuardInstant ArmedAt, ServiceDescription Service);
