namespace StatefulDeploy.Contracts;

/// <summary>How to start our own program as a process, whatever runs us: the command line program or pwsh.</summary>
public interface IOwnProgram
{
    /// <summary>The command that runs our program with these arguments.</summary>
    HostCommand Command(params IReadOnlyList<string> arguments);

    /// <summary>The assembly that <c>dotnet exec</c> runs; all it needs lies in its folder. Null when the program cannot be brought to another machine.</summary>
    string? Assembly => null;
}
