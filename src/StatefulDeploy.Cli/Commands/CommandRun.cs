using System.CommandLine;
using Spectre.Console.Rendering;
using StatefulDeploy.Cli.Output;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cli.Commands;

/// <summary>One run of a command: where its progress, result and failure go.</summary>
internal sealed class CommandRun
{
    private readonly CliServices _services;

    private CommandRun(CliServices services, ParseResult parsed, bool json, bool verbose)
    {
        _services = services;
        Parsed = parsed;
        Json = json;
        Verbose = verbose;
    }

    public ParseResult Parsed { get; }

    public bool Json { get; }

    public bool Verbose { get; }

    public CliConsole Console => _services.Console;

    public IPlatform Platform => _services.Platform;

    public IUpgradeOperations Operations => _services.Operations;

    /// <summary>Gives a command its common options and its work, and turns failures into messages and exit codes.</summary>
    public static Command Bind(Command command, CliServices services, Func<CommandRun, CancellationToken, Task<int>> work, string stopping = "Stopping: what was begun is being undone. Once more leaves at once.")
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output." };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Tell every step." };
        command.Add(json);
        command.Add(verbose);
        command.SetAction((parsed, _) => new CommandRun(services, parsed, parsed.GetValue(json), parsed.GetValue(verbose)).RunAsync(work, stopping));
        return command;
    }

    /// <summary>Runs an operation with its progress shown.</summary>
    public async Task<T> ShowAsync<T>(string title, Func<IReporter, Task<T>> operation, Func<IRenderable?>? footer = null)
    {
        if (Console.Live is not { } live || Json)
        {
            await using var lines = new LineReporter(Console.Error, Verbose, TimeProvider.System);
            return await operation(lines);
        }

        var screen = new UpgradeScreen(title, Verbose, TimeProvider.System) { Footer = footer };
        return await screen.RunAsync(live, operation);
    }

    /// <summary>Prints a result, for scripts or for people.</summary>
    public void Print<T>(T result, Action<TextWriter, T> forPeople)
    {
        if (Json)
            Console.Out.WriteLine(CliJson.Write(result));
        else
            forPeople(Console.Out, result);
    }

    /// <summary>Asks for a yes, unless it was given on the command line.</summary>
    /// <exception cref="UpgradeException">Nobody is there to ask, or the answer was no.</exception>
    public void Confirm(bool given, string question)
    {
        if (given)
            return;
        if (Console.In is null || Json)
            throw new UpgradeException("ConfirmationNeeded", $"{question} Nobody is there to answer.", "Add --yes to confirm beforehand.", FailureCategory.InvalidInput);

        Console.Error.Write($"{question} [y/N] ");
        if (Console.In.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
            throw new UpgradeException("NotConfirmed", "It was not confirmed; nothing was done.", "Answer 'y', or add --yes.", FailureCategory.Refused);
    }

    private async Task<int> RunAsync(Func<CommandRun, CancellationToken, Task<int>> work, string stopping)
    {
        using var interruption = new Interruption(Console.Error, stopping);
        try
        {
            return await work(this, interruption.Token);
        }
        catch (UpgradeException exception) when (exception.ErrorId == "Cancelled" && interruption.Token.IsCancellationRequested)
        {
            return Fail(new CliError(exception.ErrorId, "Interrupted", exception.Message, exception.RecommendedAction, ExitCode.Interrupted));
        }
        catch (UpgradeException exception)
        {
            return Fail(new CliError(exception.ErrorId, exception.Category.ToString(), exception.Message, exception.RecommendedAction, ExitCode.Of(exception.Category)));
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return Fail(new CliError("Interrupted", "Interrupted", "Stopped; what was begun was undone.", "'statefuldeploy status' tells where the upgrade stands; 'resume' goes on with it.", ExitCode.Interrupted));
        }
        catch (Exception exception)
        {
            if (Verbose)
                await Console.Error.WriteLineAsync(exception.ToString());
            return Fail(new CliError("Unexpected", "Unexpected", $"{exception.GetType().Name}: {exception.Message}", "This is a bug. Run it again with --verbose and report what it prints.", ExitCode.Unexpected));
        }
    }

    private int Fail(CliError error)
    {
        Console.Error.WriteLine($"error: {error.Message}");
        Console.Error.WriteLine($"  what to do: {error.RecommendedAction}");
        Console.Error.WriteLine($"  id: {error.Id}");
        if (Json)
            Console.Out.WriteLine(CliJson.Write(new CliFailure(error)));
        return error.ExitCode;
    }
}
