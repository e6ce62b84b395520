using StatefulDeploy.Contracts;
using StatefulDeploy.Worker.Host;

// The arguments of the product's own program: worker ENGINE NAME FILE.
IPlatform platform = new WorkerPlatform();
return await platform.FindEngine(args[1]).Workers.Single(worker => worker.Name == args[2]).RunAsync(args[3], platform, CancellationToken.None);
