using Spectre.Console;

namespace StatefulDeploy.Cli;

/// <summary>The streams of the process: results go to <see cref="Out"/>, everything else to <see cref="Error"/>.</summary>
internal sealed record CliConsole
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Answers to questions; null when nobody is there to give them.</summary>
    public TextReader? In { get; init; }

    /// <summary>A terminal that can show live progress; null when there is none.</summary>
    public IAnsiConsole? Live { get; init; }

    /// <summary>The console of this process.</summary>
    public static CliConsole OfProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.IsInputRedirected ? null : Console.In,
        Live = Console.IsErrorRedirected ? null : LiveOnError(),
    };

    private static IAnsiConsole? LiveOnError()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Profile.Capabilities is { Ansi: true, Interactive: true } ? console : null;
    }
}
