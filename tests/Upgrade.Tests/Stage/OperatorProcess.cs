using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A command of an operator as a real process: the product's own program, or the same with fault points in it.</summary>
internal sealed class OperatorProcess
{
    private const string Product = "statefuldeploy";
    private const string WithFaults = "Upgrade.Host";
    private static int _count;
    private readonly string _signal;

    private OperatorProcess(TestProcess process, string signal)
    {
        Process = process;
        _signal = signal;
    }

    public TestProcess Process { get; }

    /// <summary>Runs a command of the product to its end.</summary>
    public static async Task<CommandOutcome> RunAsync(ILiveService service, TimeSpan within, params string[] arguments) =>
        await Start(service, null, arguments).WaitAsync(within);

    /// <summary>Starts a command with faults; null for the product itself.</summary>
    public static OperatorProcess Start(ILiveService service, FaultOrder? faults, params string[] arguments)
    {
        var signal = Path.Combine(service.Bed.Folder, FormattableString.Invariant($"fault{Interlocked.Increment(ref _count)}"));
        var options = service.Options(faults?.ToEnvironment(signal));
        return new OperatorProcess(service.Bed.StartDotnet(faults is null ? Product : WithFaults, options, arguments), signal);
    }

    /// <summary>Waits until it has come to its fault point and has done to itself what it was ordered to.</summary>
    public Task WaitForFaultAsync(string order, TimeSpan within) => order switch
    {
        "Kill" => Process.WaitForExitAsync(within),
        "Stop" => Process.WaitUntilAsync(() => State() == 'T', "it stands still", within),
        _ => Process.WaitUntilAsync(() => File.Exists(_signal + ".reached"), "it stands at its fault point", within),
    };

    /// <summary>Lets it go on.</summary>
    public void LetGo()
    {
        File.WriteAllText(_signal + ".go", string.Empty);
        Signals.Continue(Process.Id);
    }

    /// <summary>Waits for its end.</summary>
    public async Task<CommandOutcome> WaitAsync(TimeSpan within)
    {
        var code = await Process.WaitForExitAsync(within);
        return new CommandOutcome(code, Process.Output);
    }

    private char State()
    {
        var text = File.ReadAllText($"/proc/{Process.Id}/stat");
        return text[text.LastIndexOf(')') + 2];
    }
}
