using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>
/// Asks for a session and hears the first word of the answer, which tells what <c>pg_hba.conf</c> says; a login would take ten times as long.
/// Of the protocol (version 3.0, "Start-up" in PostgreSQL's documentation) this is the little that is needed.
/// </summary>
internal static class PostgresKnock
{
    private const int Protocol = 196608;
    private const int LongestRefusal = 1 << 16;

    /// <summary>Whether a user's session is let in, or asked for its proof.</summary>
    /// <exception cref="IOException">The server does not speak, or refuses for another reason than its rules.</exception>
    public static async Task<bool> IsLetInAsync(NodeEndpoint endpoint, string user, string database, CancellationToken cancellationToken)
    {
        using TcpClient client = new() { NoDelay = true };
        await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
        NetworkStream stream = client.GetStream();
        byte[] body = Encoding.UTF8.GetBytes($"user\0{user}\0database\0{database}\0application_name\0{PostgresAccess.NamePrefix}probe\0\0");
        byte[] startup = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(startup, startup.Length);
        BinaryPrimitives.WriteInt32BigEndian(startup.AsSpan(4), Protocol);
        body.CopyTo(startup, 8);
        await stream.WriteAsync(startup, cancellationToken);

        byte[] head = new byte[5];
        await stream.ReadExactlyAsync(head, cancellationToken);
        if (head[0] == 'R')
        {
            return true;
        }

        byte[] said = new byte[Math.Clamp(BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4, 0, LongestRefusal)];
        await stream.ReadExactlyAsync(said, cancellationToken);
        string[] fields = Encoding.UTF8.GetString(said).Split('\0');
        return fields.Contains("C" + PostgresErrorCodes.InvalidAuthorizationSpecification, StringComparer.Ordinal)
            ? false
            : throw new IOException(fields.FirstOrDefault(field => field.StartsWith('M'))?[1..] ?? "The server does not speak PostgreSQL's protocol.");
    }
}
