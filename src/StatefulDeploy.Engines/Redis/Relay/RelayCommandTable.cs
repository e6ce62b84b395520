using System.Text;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>The commands that a server knows.</summary>
internal sealed class RelayCommandTable
{
    private readonly HashSet<string> _names;
    private readonly HashSet<string> _containers;

    private RelayCommandTable(HashSet<string> names)
    {
        _names = names;
        _containers = [.. names.Where(name => name.Contains('|', StringComparison.Ordinal)).Select(name => name[..name.IndexOf('|', StringComparison.Ordinal)])];
    }

    /// <summary>The names of commands and, as <c>container|name</c>, of subcommands.</summary>
    public IReadOnlySet<string> Names => _names;

    /// <summary>Asks a server.</summary>
    public static async Task<RelayCommandTable> LoadAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        RespValue table = await connection.ExecuteAsync(["COMMAND"], cancellationToken);
        return new RelayCommandTable([.. RedisCommandInfo.ParseAll(table).Select(command => command.Name)]);
    }

    /// <summary>Whether the server knows a command, and its subcommand where it has such.</summary>
    public bool Knows(RespCommand command) => _names.Contains(NameOf(command));

    /// <summary>The name as the table has it.</summary>
    public string NameOf(RespCommand command)
    {
        string name = command.Name.ToLowerInvariant();
        return _containers.Contains(name) && command.Count > 1 ? $"{name}|{Encoding.UTF8.GetString(command[1].Bytes.Span).ToLowerInvariant()}" : name;
    }
}
