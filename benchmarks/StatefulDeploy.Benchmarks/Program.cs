using StatefulDeploy.Benchmarks;

return await BenchmarkProgram.RunAsync(args);
