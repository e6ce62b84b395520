using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>A command with its arguments, written as <c>["SET", key, value]</c>. Immutable.</summary>
[CollectionBuilder(typeof(RespCommand), nameof(Create))]
public sealed class RespCommand : IReadOnlyList<RespArgument>
{
    private readonly RespArgument[] _arguments;

    private RespCommand(RespArgument[] arguments)
    {
        _arguments = arguments;
    }

    /// <summary>The number of words, the name included.</summary>
    public int Count => _arguments.Length;

    /// <summary>The command's name in upper case, without its arguments.</summary>
    public string Name => Encoding.ASCII.GetString(_arguments[0].Bytes.Span).ToUpperInvariant();

    /// <summary>One word.</summary>
    /// <param name="index">0 is the name.</param>
    public RespArgument this[int index] => _arguments[index];

    /// <summary>Makes a command.</summary>
    /// <param name="arguments">The name and what follows it.</param>
    /// <exception cref="ArgumentException">There is no name.</exception>
    public static RespCommand Create(ReadOnlySpan<RespArgument> arguments) =>
        arguments.IsEmpty ? throw new ArgumentException("A command needs a name.", nameof(arguments)) : new RespCommand(arguments.ToArray());

    /// <summary>The name alone: arguments may be secret.</summary>
    public override string ToString() => Name;

    /// <inheritdoc/>
    public IEnumerator<RespArgument> GetEnumerator() => ((IEnumerable<RespArgument>)_arguments).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
