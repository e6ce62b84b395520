using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Remote;

/// <summary>Our program on the client's machine, where the processes belong that an act of the engine starts: how it is started there, only the client knows.</summary>
internal sealed class ClientProgram : IOwnProgram
{
    /// <summary>Stands for it; no path of a program looks like this.</summary>
    public const string Mark = "//statefuldeploy";

    public HostCommand Command(params IReadOnlyList<string> arguments) => new(Mark, arguments);
}
