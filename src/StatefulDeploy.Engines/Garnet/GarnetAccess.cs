using System.Security.Cryptography;
using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Opens connections to nodes as one of the accounts of a service, and knows our own users.</summary>
internal sealed class GarnetAccess(ServiceDescription service, ISecrets secrets)
{
    /// <summary>What the names of all our users and connections begin with.</summary>
    public const string Prefix = "statefuldeploy";

    /// <summary>A user that nobody can sign in as, on which rules are tried.</summary>
    public const string Nobody = $"{Prefix}-rehearsal";

    private const string ControlUser = Prefix;
    private const string ControlSecret = "garnet-control";

    /// <summary>The names of all our users. Only these are left out of the fence: a name that only looks like ours is a client's.</summary>
    public static IReadOnlySet<string> OurNames { get; } = new HashSet<string>(StringComparer.Ordinal) { ControlUser, Nobody, LinkName(ClusterColour.Blue), LinkName(ClusterColour.Green) };

    /// <summary>The control user with all rights; its password as a hash.</summary>
    public GarnetUser Control => new(ControlUser, ["on", Hash(secrets.GetOrCreate(ControlSecret)), "+@all"]);

    /// <summary>The user with which the nodes of a cluster log in at others, for gossip and replication. It may do nothing else.</summary>
    public GarnetUser Link(ClusterColour colour) => new(LinkName(colour), ["on", Hash(LinkPassword(colour)), "+@connection", "+cluster", "+replicaof", "+publish", "+spublish"]);

    /// <summary>The password of <see cref="Link"/>.</summary>
    public string LinkPassword(ClusterColour colour) => secrets.GetOrCreate($"garnet-{LinkName(colour)}");

    /// <summary>The name of <see cref="Link"/>.</summary>
    public static string LinkName(ClusterColour colour) => colour == ClusterColour.Blue ? $"{Prefix}-link-blue" : $"{Prefix}-link-green";

    /// <summary>Connects as an account.</summary>
    /// <exception cref="UpgradeException">The node cannot be reached, or refuses the account.</exception>
    public async Task<RespConnection> ConnectAsync(Node node, GarnetAccount account, string purpose, CancellationToken cancellationToken)
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
            throw new UpgradeException("LoginRefused", $"{node} refuses the account of {account}: {exception.Message}.", "Check user and password in the service file.", FailureCategory.AccessDenied, exception) { Target = node.Name };
        }
    }

    /// <summary>Connects as the control user, and makes it first where there is none or it has another password.</summary>
    public async Task<RespConnection> ConnectControlAsync(Node node, string purpose, CancellationToken cancellationToken)
    {
        try
        {
            return await ConnectAsync(node, GarnetAccount.Control, purpose, cancellationToken);
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.AccessDenied)
        {
            await MakeControlAsync(node, cancellationToken);
            return await ConnectAsync(node, GarnetAccount.Control, purpose, cancellationToken);
        }
    }

    private async Task MakeControlAsync(Node node, CancellationToken cancellationToken)
    {
        await using RespConnection admin = await ConnectAsync(node, GarnetAccount.Admin, "setup", cancellationToken);
        RespValue reply = await admin.SendAsync(Control.ToCommand(), cancellationToken);
        if (reply.IsError)
        {
            throw new UpgradeException("AdminLacksPrivilege", $"{node}: the administrator of the service file could not create the control user ({reply.ErrorCode}).", "Start Garnet with '--auth ACL --acl-file FILE', and name an account with +@admin +@dangerous under 'admin'.", FailureCategory.AccessDenied) { Target = node.Name };
        }
    }

    private RespConnectionOptions Options(Node node, GarnetAccount account, string purpose)
    {
        (string? user, string? password) = account switch
        {
            GarnetAccount.Control => (ControlUser, secrets.GetOrCreate(ControlSecret)),
            GarnetAccount.Client when service.Client is not null => (service.Client.User, secrets.Resolve(service.Client)),
            _ => (service.Admin?.User, secrets.Resolve(service.Admin)),
        };
        return new RespConnectionOptions
        {
            Host = node.Endpoint.Host,
            Port = node.Endpoint.Port,
            UserName = user,
            Password = password,
            // A narrow client account may lack the right to name its connection.
            ClientName = account == GarnetAccount.Client ? null : $"{Prefix}-{purpose}",
            ConnectTimeout = service.Limits.Answer,
            CommandTimeout = service.Limits.Answer,
        };
    }

    private static string Hash(string password) => $"#{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(password))).ToLowerInvariant()}";
}
