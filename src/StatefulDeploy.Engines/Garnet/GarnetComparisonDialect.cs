using System.Security.Cryptography;
using StatefulDeploy.Engines.RespFamily.Comparison;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>How a comparison asks Garnet. In cluster mode there is one database, and no relay feeds it.</summary>
internal sealed class GarnetComparisonDialect : IComparisonDialect
{
    /// <summary>Connects; a replica is asked to answer reads itself.</summary>
    public static async Task<ComparisonSide> OpenAsync(Node node, GarnetAccess access, CancellationToken cancellationToken)
    {
        RespConnection connection = await access.ConnectControlAsync(node, "compare", cancellationToken);
        await connection.ExecuteAsync(["READONLY"], cancellationToken);
        return new ComparisonSide(connection, new GarnetComparisonDialect(), (await connection.InfoAsync("server", cancellationToken))["run_id"]);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<int, long>> DatabasesAsync(RespConnection connection, CancellationToken cancellationToken) =>
        new Dictionary<int, long> { [0] = (await connection.ExecuteAsync(["DBSIZE"], cancellationToken)).AsInt64() };

    /// <inheritdoc/>
    public async Task<(long Offset, bool Follows)> OffsetAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        GarnetRole role = await GarnetRole.AskAsync(connection, cancellationToken);
        return (role.Offset, !role.IsPrimary);
    }

    /// <inheritdoc/>
    public Task<long?> RelayedAsync(RespConnection connection, int database, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    /// <summary>A digest of the whole value: DUMP knows strings only.</summary>
    public async Task<byte[]?> PrintAsync(RespConnection connection, RespArgument key, CancellationToken cancellationToken)
    {
        string type = (await connection.ExecuteAsync(["TYPE", key], cancellationToken)).AsString();
        if (type == "none")
        {
            return null;
        }

        RespValue value = await connection.SendAsync(SmallValue.Read(new KeyFacts(key, type, -1, 0)), cancellationToken);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (RespValue part in value.Items.DefaultIfEmpty(value))
        {
            hash.AppendData(BitConverter.GetBytes(part.Bytes.Length));
            hash.AppendData(part.Bytes.Span);
        }

        return hash.GetHashAndReset();
    }
}
