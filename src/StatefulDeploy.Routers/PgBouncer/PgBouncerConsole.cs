using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Routers.Instances;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>
/// A connection to PgBouncer's admin console. It speaks the simple query protocol alone, which drivers of today no longer do; of the
/// PostgreSQL protocol (version 3.0) this is the little that is needed.
/// </summary>
internal sealed class PgBouncerConsole : IAsyncDisposable
{
    /// <summary>The error of a command that it did not do.</summary>
    public const string Refused = "PgBouncerRefused";

    private const int Protocol = 196608;
    private const int LongestMessage = 1 << 20;

    private readonly NetworkStream _stream;

    private PgBouncerConsole(NetworkStream stream) => _stream = stream;

    /// <summary>Connects and signs in.</summary>
    /// <param name="address">host:port, or the path of a socket.</param>
    /// <param name="user">One of its <c>admin_users</c>.</param>
    /// <param name="password">The password; null where it asks for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpgradeException">It does not answer, or refuses the account.</exception>
    public static async Task<PgBouncerConsole> ConnectAsync(string address, string user, string? password, CancellationToken cancellationToken)
    {
        NetworkStream? stream = null;
        try
        {
            stream = await ControlSocket.ConnectAsync(address, cancellationToken);
            PgBouncerConsole console = new(stream);
            await console.SignInAsync(user, password, cancellationToken);
            stream = null;
            return console;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new UpgradeException("PgBouncerUnreachable", $"PgBouncer does not answer at {address}: {exception.Message}", "Check that it runs, and that 'admin' of the router is its address.", FailureCategory.Unreachable, exception) { Target = address };
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }
        }
    }

    /// <summary>Sends a command and waits for its end.</summary>
    /// <returns>Rows by column name; a null is empty.</returns>
    /// <exception cref="UpgradeException">It was refused.</exception>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> AskAsync(string command, CancellationToken cancellationToken)
    {
        await SendAsync('Q', Text(command), cancellationToken);
        List<string> columns = [];
        List<IReadOnlyDictionary<string, string>> rows = [];
        string? refused = null;
        while (true)
        {
            (char kind, byte[] body) = await ReadAsync(cancellationToken);
            switch (kind)
            {
                case 'T':
                    columns = Columns(body);
                    break;
                case 'D':
                    rows.Add(Row(columns, body));
                    break;
                case 'E':
                    refused = Reason(body);
                    break;
                case 'Z':
                    return refused is null ? rows : throw new UpgradeException(Refused, $"PgBouncer refused '{command}': {refused}.", "Read its log.", FailureCategory.OperationFailed) { Target = command };
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task SignInAsync(string user, string? password, CancellationToken cancellationToken)
    {
        byte[] parameters = [.. Number(Protocol), .. Text("user"), .. Text(user), .. Text("database"), .. Text("pgbouncer"), 0];
        await _stream.WriteAsync((byte[])[.. Number(parameters.Length + 4), .. parameters], cancellationToken);
        PgBouncerScram? scram = null;
        while (true)
        {
            (char kind, byte[] body) = await ReadAsync(cancellationToken);
            switch (kind)
            {
                case 'Z':
                    return;
                case 'E':
                    throw new UpgradeException("PgBouncerLogin", $"PgBouncer refuses the admin user '{user}': {Reason(body)}.", "Name one of its admin_users under router.settings.adminUser, and its password file.", FailureCategory.AccessDenied) { Target = user };
                case 'R':
                    switch (BinaryPrimitives.ReadInt32BigEndian(body))
                    {
                        case 3:
                            await SendAsync('p', Text(password ?? string.Empty), cancellationToken);
                            break;
                        case 5:
                            await SendAsync('p', Text(Md5(user, password ?? string.Empty, body.AsSpan(4, 4))), cancellationToken);
                            break;
                        case 10:
                            scram = new PgBouncerScram(password ?? string.Empty);
                            byte[] first = Encoding.UTF8.GetBytes(scram.First);
                            await SendAsync('p', [.. Text("SCRAM-SHA-256"), .. Number(first.Length), .. first], cancellationToken);
                            break;
                        case 11:
                            await SendAsync('p', Encoding.UTF8.GetBytes(scram!.Answer(Encoding.UTF8.GetString(body.AsSpan(4)))), cancellationToken);
                            break;
                    }

                    break;
            }
        }
    }

    private async Task SendAsync(char kind, byte[] body, CancellationToken cancellationToken) =>
        await _stream.WriteAsync((byte[])[(byte)kind, .. Number(body.Length + 4), .. body], cancellationToken);

    private async Task<(char Kind, byte[] Body)> ReadAsync(CancellationToken cancellationToken)
    {
        byte[] head = new byte[5];
        await _stream.ReadExactlyAsync(head, cancellationToken);
        int length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4;
        if (length is < 0 or > LongestMessage)
        {
            throw new IOException("This is not the PostgreSQL protocol.");
        }

        byte[] body = new byte[length];
        await _stream.ReadExactlyAsync(body, cancellationToken);
        return ((char)head[0], body);
    }

    private static List<string> Columns(byte[] body)
    {
        List<string> names = [];
        int at = 2;
        for (int left = BinaryPrimitives.ReadInt16BigEndian(body); left > 0; left--)
        {
            int end = Array.IndexOf(body, (byte)0, at);
            names.Add(Encoding.UTF8.GetString(body, at, end - at));
            at = end + 1 + 18; // Table, column, type, size, modifier, format.
        }

        return names;
    }

    private static Dictionary<string, string> Row(List<string> columns, byte[] body)
    {
        Dictionary<string, string> row = new(StringComparer.Ordinal);
        int at = 2;
        foreach (string column in columns)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
            at += 4;
            row[column] = length < 0 ? string.Empty : Encoding.UTF8.GetString(body, at, length);
            at += Math.Max(0, length);
        }

        return row;
    }

    private static string Reason(byte[] body) =>
        Encoding.UTF8.GetString(body).Split('\0').FirstOrDefault(field => field.StartsWith('M'))?[1..] ?? "no reason was given";

#pragma warning disable CA5351 // The protocol's own: a server that is set to md5 asks for it.
    private static string Md5(string user, string password, ReadOnlySpan<byte> salt)
    {
        string inner = Hexadecimal(MD5.HashData(Encoding.UTF8.GetBytes(password + user)));
        return "md5" + Hexadecimal(MD5.HashData([.. Encoding.UTF8.GetBytes(inner), .. salt]));
    }
#pragma warning restore CA5351

    private static string Hexadecimal(byte[] bytes) => Convert.ToHexString(bytes).ToLower(CultureInfo.InvariantCulture);

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private static byte[] Number(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
