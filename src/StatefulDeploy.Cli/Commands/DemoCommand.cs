using System.CommandLine;
using StatefulDeploy.Cli.Demo;
using StatefulDeploy.Cli.Demo.Fleet;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>demo</c>: a real service of its own, upgraded under load.</summary>
internal static class DemoCommand
{
    public static Command Create(CliServices services)
    {
        var engine = new Option<string?>("--engine") { Description = $"The engine; {DemoEngines.All[0].Name} when left out, or the first that has the strategy." };
        engine.AcceptOnlyFromAmong([.. DemoEngines.All.Select(known => known.Name)]);
        var strategy = ServiceOptions.Words("--strategy", "How green gets blue's data; volume-reuse needs root, for machines and disks of its own; shard-by-shard makes a service of three shards.", ServiceOptions.Strategies);
        var seconds = Number("--seconds", "How long the load goes on besides the upgrade.", 6, 2, 3600);
        var clients = Number("--clients", "Clients that write; a quarter as many read.", 16, 1, 1000);
        var keys = Number("--keys", "Keys that are there beforehand.", 50_000, 0, 10_000_000);
        var report = new Option<string?>("--report") { Description = "Where the report's page goes; statefuldeploy-demo-ENGINE.html here when left out.", HelpName = "FILE" };
        var undo = new Option<bool>("--undo") { Description = "Take the switch back at the end, under load too." };
        var keep = new Option<bool>("--keep") { Description = "Leave the folder and the servers." };
        var command = new Command("demo", "Start a service of its own, put load on it, upgrade it live, and check every acknowledged write. Needs the .NET SDK alone.") { engine, strategy, seconds, clients, keys, report, undo, keep };
        return CommandRun.Bind(command, services, async (run, cancellationToken) =>
        {
            var wanted = run.Parsed.GetValue(strategy) ?? UpgradeStrategy.Mirror;
            var shown = Choose(run.Parsed.GetValue(engine), wanted);
            if (wanted == UpgradeStrategy.VolumeReuse && !DemoEnclosure.IsInside)
                return await DemoEnclosure.RunAsync(run.Platform.OwnProgram, [.. run.Parsed.Tokens.Select(token => token.Value)], cancellationToken);

            var options = new DemoOptions(
                run.Parsed.GetValue(clients),
                run.Parsed.GetValue(keys),
                TimeSpan.FromSeconds(run.Parsed.GetValue(seconds)),
                Path.GetFullPath(run.Parsed.GetValue(report) ?? $"statefuldeploy-demo-{shown.Name}.html"),
                run.Parsed.GetValue(undo),
                run.Parsed.GetValue(keep),
                wanted);
            var result = await RunAsync(run, services, shown, options, cancellationToken);
            run.Print(result, DemoText.Write);
            return result.Passed ? ExitCode.Success : ExitCode.Of(FailureCategory.OperationFailed);
        });
    }

    private static IDemoEngine Choose(string? name, UpgradeStrategy strategy)
    {
        var able = DemoEngines.All.Where(known => CanShow(known, strategy)).ToList();
        return able.FirstOrDefault(known => name is null || known.Name == name)
            ?? throw new UpgradeException("StrategyNotShown", $"There is no demo of {strategy}{(name is null ? string.Empty : $" with {name}")}.", $"Use one of: {string.Join(", ", able.Select(known => known.Name))}.", FailureCategory.InvalidInput) { Target = strategy };
    }

    private static bool CanShow(IDemoEngine engine, UpgradeStrategy strategy) => strategy switch
    {
        UpgradeStrategy.VolumeReuse => engine.CanReuseVolumes,
        UpgradeStrategy.ShardByShard => engine.HasShards,
        _ => true,
    };

    private static Option<int> Number(string name, string description, int standard, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && (value < least || value > most))
                result.AddError($"{name} is {value}; expected {least} to {most}.");
        });
        return option;
    }

    private static async Task<DemoResult> RunAsync(CommandRun run, CliServices services, IDemoEngine engine, DemoOptions options, CancellationToken cancellationToken)
    {
        using var place = new DemoPlace();
        DemoRun? demo = null;
        try
        {
            return await run.ShowAsync(
                $"demo: {engine.Name} {engine.From} -> {engine.To}",
                async reporter =>
                {
                    var service = await DemoService.StartAsync(engine, run.Platform, place, options, reporter, cancellationToken);
                    demo = new DemoRun(engine, run.Operations, service, options, reporter);
                    return await demo.RunAsync(cancellationToken);
                },
                () => demo is null ? null : DemoText.Live(demo.Totals()));
        }
        finally
        {
            if (demo is not null)
                await demo.DisposeAsync();
            await services.DisposeAsync();
            if (options.Keep)
                run.Console.Error.WriteLine($"Left in {place.Folder}: processes {string.Join(", ", place.Processes().Select(process => process.Id))}.");
            else
                await place.RemoveAsync();
        }
    }
}
