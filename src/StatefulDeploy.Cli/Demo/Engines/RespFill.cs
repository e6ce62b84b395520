using System.Globalization;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Cli.Demo.Engines;

/// <summary>Fills a service that speaks RESP.</summary>
internal static class RespFill
{
    private const int Batch = 1000;
    private const int ValueBytes = 100;

    public static async Task FillAsync(NodeEndpoint endpoint, int keys, CancellationToken cancellationToken)
    {
        var value = new string('x', ValueBytes);
        await using var connection = await RespConnection.ConnectAsync(new RespConnectionOptions { Host = endpoint.Host, Port = endpoint.Port }, cancellationToken);
        for (var first = 0; first < keys; first += Batch)
        {
            var batch = Enumerable.Range(first, Math.Min(Batch, keys - first))
                .Select(number => connection.ExecuteAsync(["SET", "filled:" + number.ToString(CultureInfo.InvariantCulture), value], cancellationToken));
            await Task.WhenAll(batch);
        }
    }
}
