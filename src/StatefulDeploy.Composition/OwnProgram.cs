using StatefulDeploy.Contracts;

namespace StatefulDeploy.Composition;

/// <summary>Finds how to start <c>statefuldeploy</c> as a process: itself when it runs us, else by dotnet, else inside a pwsh.</summary>
public sealed class OwnProgram : IOwnProgram
{
    private const string ProgramName = "statefuldeploy";
    private const int LeastRuntime = 8;

    private readonly Func<IReadOnlyList<string>, HostCommand> _command;

    /// <summary>Looks once; the answer cannot change while we run.</summary>
    public OwnProgram()
        : this(Path.Combine(Path.GetDirectoryName(typeof(OwnProgram).Assembly.Location)!, ProgramName + ".dll"), Environment.ProcessPath, FindDotnet())
    {
    }

    internal OwnProgram(string assembly, string? runsUs, string? dotnet)
    {
        Assembly = File.Exists(assembly) ? assembly : null;
        if (runsUs is not null && Path.GetFileNameWithoutExtension(runsUs) == ProgramName)
            _command = arguments => new HostCommand(runsUs, arguments);
        else if (dotnet is not null)
            _command = arguments => new HostCommand(dotnet, ["exec", assembly, .. arguments]);
        else if (runsUs is not null && Path.GetFileNameWithoutExtension(runsUs) == "pwsh")
            _command = arguments => new HostCommand(runsUs, ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", Script(assembly, arguments)]);
        else
            _command = _ => throw NoRuntime();
    }

    /// <inheritdoc/>
    public string? Assembly { get; }

    /// <inheritdoc/>
    public HostCommand Command(params IReadOnlyList<string> arguments) => _command(arguments);

    // A pwsh brings a runtime but no way to name a program: its entry point is called from a script.
    private static string Script(string assembly, IReadOnlyList<string> arguments)
    {
        var list = string.Join(',', arguments.Select(Quote));
        return $"exit [System.Reflection.Assembly]::LoadFrom({Quote(assembly)}).EntryPoint.Invoke($null, (,[string[]]@({list})))";
    }

    // PowerShell takes typographic single quotes for plain ones.
    private static string Quote(string text) => "'" + string.Concat(text.Select(c => c is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B' ? new string(c, 2) : c.ToString())) + "'";

    private static string? FindDotnet()
    {
        string?[] candidates =
        [
            Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath : null,
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"),
            Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root ? Path.Combine(root, "dotnet") : null,
            .. (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, "dotnet")),
        ];
        return candidates.OfType<string>().Where(File.Exists).FirstOrDefault(HasRuntime);
    }

    private static bool HasRuntime(string dotnet)
    {
        var real = File.ResolveLinkTarget(dotnet, returnFinalTarget: true)?.FullName ?? dotnet;
        var runtimes = Path.Combine(Path.GetDirectoryName(real)!, "shared", "Microsoft.NETCore.App");
        return Directory.Exists(runtimes) && Directory.EnumerateDirectories(runtimes)
            .Any(folder => int.TryParse(Path.GetFileName(folder).Split('.')[0], out var major) && major >= LeastRuntime);
    }

    private static UpgradeException NoRuntime() => new(
        "RuntimeMissing",
        $"Neither dotnet with a runtime of version {LeastRuntime} or later nor pwsh was found to start a process of our own with.",
        "Install the .NET runtime, or put dotnet on the PATH.",
        FailureCategory.NotFound);
}
