using StatefulDeploy.Cli;

return OwnProcesses.Find(args) is { } process
    ? await process.RunAsync()
    : await CommandLineProgram.RunAsync(args, CliServices.Create());
