using System.Globalization;
using System.Net;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A server that speaks RESP.</summary>
public abstract class RespServer : ServerProcess
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(20);

    /// <inheritdoc cref="ServerProcess"/>
    protected RespServer(ServerInstallation installation, string folder, int port)
        : base(installation, folder, port)
    {
    }

    /// <summary>The user to sign in as for <see cref="CallAsync(string[])"/>.</summary>
    public string? User { get; set; }

    /// <summary>The password for <see cref="CallAsync(string[])"/>, if one is asked.</summary>
    public string? Password { get; set; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => new(IPAddress.Loopback, Port);

    /// <summary>It as a ledger's service.</summary>
    public RedisLedgerEndpoint Ledger => new(new RedisLedgerOptions { Servers = [EndPoint], User = User, Password = Password });

    /// <summary>Sends one command on a connection of its own, past every router.</summary>
    /// <param name="arguments">The command.</param>
    /// <returns>The answer as text: an array has a line an element, a null is empty.</returns>
    /// <exception cref="IOException">The server refused it.</exception>
    public Task<string> CallAsync(params string[] arguments) => CallInAsync(0, arguments);

    /// <summary>As <see cref="CallAsync(string[])"/>, in a database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="arguments">The command.</param>
    public async Task<string> CallInAsync(int database, params string[] arguments)
    {
        using var deadline = new CancellationTokenSource(AnswersWithin);
        using var socket = await RespSocket.ConnectAsync(EndPoint, deadline.Token);
        if (Password is not null)
        {
            await AskAsync(socket, User is null ? ["AUTH", Password] : ["AUTH", User, Password], deadline.Token);
        }

        if (database != 0)
        {
            await AskAsync(socket, ["SELECT", database.ToString(CultureInfo.InvariantCulture)], deadline.Token);
        }

        return Words(await AskAsync(socket, arguments, deadline.Token));
    }

    /// <summary>One figure of INFO.</summary>
    /// <param name="name">Its name, such as <c>master_repl_offset</c>.</param>
    /// <returns>Its value, or null where there is none.</returns>
    public async Task<string?> InfoAsync(string name) => (await CallAsync("INFO"))
        .Split('\n')
        .Where(line => line.StartsWith(name + ":", StringComparison.Ordinal))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault();

    /// <inheritdoc/>
    protected override async Task<bool> IsReadyAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var socket = await RespSocket.ConnectAsync(EndPoint, deadline.Token);
            socket.Request("PING");
            await socket.SendAsync(deadline.Token);
            var reply = await socket.ReadAsync(deadline.Token);
            // A server that asks for a password answers; one that loads its data does not serve yet.
            return reply.Error?.StartsWith("LOADING", StringComparison.Ordinal) != true;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<RespReply> AskAsync(RespSocket socket, string[] arguments, CancellationToken cancellationToken)
    {
        socket.Request(arguments);
        await socket.SendAsync(cancellationToken);
        var reply = await socket.ReadAsync(cancellationToken);
        return reply.Type == RespType.Error ? throw new IOException($"{arguments[0]}: {reply.Text}") : reply;
    }

    private static string Words(RespReply reply) => reply.Items is null ? reply.Text : string.Join('\n', reply.Items.Select(Words));
}
