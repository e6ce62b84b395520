using StatefulDeploy.Cli;

if (OwnProcesses.Find(args) is { } process)
    return await process.RunAsync();

await using var services = CliServices.Create();
return await CommandLineProgram.RunAsync(args, services);
