using System.Security.Cryptography;
using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Opens connections to nodes as one of the accounts of a service.</summary>
internal sealed class RedisAccess(ServiceDescription service, ISecrets secrets)
{
    /// <summary>The name of the control user on every node.</summary>
    public const string ControlUser = "statefuldeploy";

    /// <summary>What the names of all our connections begin with.</summary>
    public const string NamePrefix = "statefuldeploy";

    private const string ControlSecret = "redis-control";

    /// <summary>The control user with all rights, and its password as a hash.</summary>
    public RedisAclUser Control => new(ControlUser, ["on", $"#{Sha256(secrets.GetOrCreate(ControlSecret))}", "~*", "&*", "+@all"], []);

    /// <summary>Whether the service's nodes speak TLS.</summary>
    public bool UsesTls => service.TlsCaFile is not null;

    /// <summary>The account with which a replica logs in at its primary; the user is null for the default user, the password for none.</summary>
    public (string? User, string? Password) ReplicationLogin => (service.Admin?.User, secrets.Resolve(service.Admin));

    /// <summary>The same as lines of a configuration file.</summary>
    public IEnumerable<string> ReplicationLines =>
    [
        .. ReplicationLogin.User is { } user ? [RedisConfigText.Line("masteruser", user)] : Array.Empty<string>(),
        .. ReplicationLogin.Password is { } password ? [RedisConfigText.Line("masterauth", password)] : Array.Empty<string>(),
    ];

    /// <summary>Connects as an account.</summary>
    /// <exception cref="UpgradeException">The node cannot be reached, or refuses the account.</exception>
    public async Task<RespConnection> ConnectAsync(Node node, RedisAccount account, string purpose, CancellationToken cancellationToken)
    {
        try
        {
            return await RespConnection.ConnectAsync(Options(node, account, purpose), cancellationToken);
        }
        catch (RespConnectionException exception)
        {
            throw new UpgradeException("NodeUnreachable", $"{node} does not answer: {exception.Message}", "Check that the server runs, its address and port, and that nothing between filters them.", FailureCategory.Unreachable, exception) { Target = node.Name };
        }
        catch (RespServerException exception)
        {
            if (account == RedisAccount.Admin && ReplicationLogin.User is null or RedisAclUser.DefaultName && await IsShutAsync(node, cancellationToken))
            {
                return await ConnectAsync(node, RedisAccount.Control, purpose, cancellationToken);
            }

            throw new UpgradeException("LoginRefused", $"{node} refuses the account of {account}: {exception.Message}.", "Check user and password in the service file.", FailureCategory.AccessDenied, exception) { Target = node.Name };
        }
    }

    /// <summary>Connects as the control user, and makes it first where there is none or it has another password.</summary>
    public async Task<RespConnection> ConnectControlAsync(Node node, string purpose, CancellationToken cancellationToken)
    {
        try
        {
            return await RespConnection.ConnectAsync(Options(node, RedisAccount.Control, purpose), cancellationToken);
        }
        catch (RespServerException exception) when (exception.Code == "WRONGPASS")
        {
            await MakeControlAsync(node, cancellationToken);
            return await ConnectAsync(node, RedisAccount.Control, purpose, cancellationToken);
        }
        catch (RespConnectionException)
        {
            return await ConnectAsync(node, RedisAccount.Control, purpose, cancellationToken);
        }
    }

    /// <summary>Whether a closed node was restarted, and so lets nobody in as the default user: then our own user takes the administrator's place.</summary>
    private async Task<bool> IsShutAsync(Node node, CancellationToken cancellationToken)
    {
        try
        {
            await using RespConnection control = await RespConnection.ConnectAsync(Options(node, RedisAccount.Control, "access"), cancellationToken);
            return (await control.UsersAsync(cancellationToken)).Any(user => user.IsShut);
        }
        catch (Exception exception) when (exception is RespServerException or RespConnectionException)
        {
            return false;
        }
    }

    private async Task MakeControlAsync(Node node, CancellationToken cancellationToken)
    {
        await using RespConnection admin = await ConnectAsync(node, RedisAccount.Admin, "setup", cancellationToken);
        RespValue reply = await admin.SendAsync(Control.ToCommand(), cancellationToken);
        if (reply.IsError)
        {
            throw new UpgradeException("AdminLacksPrivilege", $"{node}: the administrator of the service file may not create users ({reply.ErrorCode}).", "Name an account with +@admin +@dangerous on all keys under 'admin'.", FailureCategory.AccessDenied) { Target = node.Name };
        }
    }

    private RespConnectionOptions Options(Node node, RedisAccount account, string purpose)
    {
        (string? user, string? password) = account switch
        {
            RedisAccount.Control => (ControlUser, secrets.GetOrCreate(ControlSecret)),
            RedisAccount.Client when service.Client is not null => (service.Client.User, secrets.Resolve(service.Client)),
            _ => ReplicationLogin,
        };
        return new RespConnectionOptions
        {
            Host = node.Endpoint.Host,
            Port = node.Endpoint.Port,
            UserName = user,
            Password = password,
            Tls = service.TlsCaFile is null ? null : new RespTlsOptions { CaCertificateFile = service.TlsCaFile },
            // A narrow client account may lack the right to name its connection.
            ClientName = account == RedisAccount.Client ? null : $"{NamePrefix}-{purpose}",
            ConnectTimeout = service.Limits.Answer,
            CommandTimeout = service.Limits.Answer,
        };
    }

    private static string Sha256(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))).ToLowerInvariant();
}
