namespace StatefulDeploy.Protocols.Resp;

/// <summary>What a new connection says first.</summary>
internal static class RespHandshake
{
    public static async Task RunAsync(RespConnection connection, RespConnectionOptions options, CancellationToken cancellationToken)
    {
        if (options.Password is not null)
        {
            RespCommand authenticate = options.UserName is null ? ["AUTH", options.Password] : ["AUTH", options.UserName, options.Password];
            await RunAsync(connection, authenticate, $"{options.Endpoint} refused the credentials", cancellationToken);
        }

        if (options.Protocol != 2)
        {
            await RunAsync(connection, ["HELLO", options.Protocol], $"{options.Endpoint} refused protocol {options.Protocol}", cancellationToken);
        }

        if (options.ClientName is not null)
        {
            await RunAsync(connection, ["CLIENT", "SETNAME", options.ClientName], $"{options.Endpoint} refused the client name", cancellationToken);
        }

        if (options.Database != 0)
        {
            await RunAsync(connection, ["SELECT", options.Database], $"{options.Endpoint} refused database {options.Database}", cancellationToken);
        }
    }

    private static async Task RunAsync(RespConnection connection, RespCommand command, string refusal, CancellationToken cancellationToken)
    {
        RespValue reply = await connection.SendAsync(command, Timeout.InfiniteTimeSpan, cancellationToken);
        if (reply.IsError)
        {
            // A server that does not know the command quotes its arguments back.
            throw RespServerException.Redacted(reply.AsString(), refusal);
        }
    }
}
