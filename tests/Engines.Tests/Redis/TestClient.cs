using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>An ordinary client's connection that speaks in lines.</summary>
public sealed class TestClient : IAsyncDisposable
{
    private readonly RespConnection _connection;

    private TestClient(RespConnection connection)
    {
        _connection = connection;
    }

    public static async Task<TestClient> ConnectAsync(int port, string? user = null, string? password = null) =>
        new(await RespConnection.ConnectAsync(new RespConnectionOptions { Host = "127.0.0.1", Port = port, UserName = user, Password = password }, default));

    /// <summary>Sends the words of a line and gives the answer as text; errors too.</summary>
    public async Task<string> SayAsync(string line) => Text(await _connection.SendAsync(RespCommand.Create([.. line.Split(' ').Select(word => (RespArgument)word)]), default));

    public async Task<string> CallAsync(params string[] words) => Text(await _connection.SendAsync(RespCommand.Create([.. words.Select(word => (RespArgument)word)]), default));

    /// <summary>Sends lines in one go, and gives the answer to the last as text.</summary>
    public async Task<string> SayAllAsync(params string[] lines) =>
        Text((await _connection.PipelineAsync([.. lines.Select(line => RespCommand.Create([.. line.Split(' ').Select(word => (RespArgument)word)]))], default))[^1]);

    /// <summary>The names of all commands and subcommands that the server lists.</summary>
    public async Task<IReadOnlyList<string>> CommandNamesAsync() => [.. (await _connection.ExecuteAsync(["COMMAND"], default)).Items.SelectMany(Names)];

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static IEnumerable<string> Names(RespValue command) =>
        command.Items.Count < 10 ? [] : [command.Items[0].AsString(), .. command.Items[9].Items.SelectMany(Names)];

    private static string Text(RespValue value) =>
        value.IsNull ? "(null)" : value.Type is RespType.Array or RespType.Map or RespType.Set or RespType.Push ? string.Join(' ', value.Items.Select(Text)) : value.AsString();
}
