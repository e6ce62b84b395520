using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>A service whose clients, replicas and administrators all speak TLS.</summary>
public sealed class RedisTlsTests(ITestOutputHelper output)
{
    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    public async Task Everything_runs_over_tls_and_no_other_port_is_open(string from, string to)
    {
        await using TestBed bed = new(output);
        string certificate = Certify(bed.Folder);
        int port = await new StatefulDeploy.Hosts.Local.LocalHost().FindFreePortAsync("127.0.0.1", default);
        RedisServer server = await bed.StartRedisAsync(
            from, $"tls-port {port}", $"tls-cert-file {certificate}", $"tls-key-file {bed.Folder}/key.pem", $"tls-ca-cert-file {certificate}", "tls-auth-clients no");
        RedisScene scene = await RedisScene.OfAsync(bed, [server], to);
        scene.Service = scene.Service with
        {
            TlsCaFile = certificate,
            Blue = scene.Service.Blue with { Shards = [new Shard("s1", [scene.BlueNode with { Endpoint = new NodeEndpoint("127.0.0.1", port) }])] },
        };
        Assert.DoesNotContain(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Severity == FindingSeverity.Refuse);
        Assert.Equal(WayBackKind.Relay, (await scene.Engine.Preflight.FindWayBackAsync(scene.Forward, default)).Kind);
        await server.CallAsync("SET", "a", "1");

        await scene.FollowAsync();
        ClusterPosition reverse = await scene.SwitchAsync(scene.Forward);
        await scene.Engine.Replicator.StartAsync(scene.Backward, reverse, default);

        await using RespConnection green = await RespConnection.ConnectAsync(
            new RespConnectionOptions { Host = "127.0.0.1", Port = scene.GreenNode.Endpoint.Port, Tls = new RespTlsOptions { CaCertificateFile = certificate } }, default);
        Assert.Equal("1", (await green.ExecuteAsync(["GET", "a"], default)).AsString());
        Assert.Equal("OK", (await green.ExecuteAsync(["SET", "a", "2"], default)).AsString());
        Assert.Equal("0", (await green.ExecuteAsync(["CONFIG", "GET", "port"], default)).Items[1].AsString());
        await scene.StreamingAsync(scene.Backward);
        await scene.SwitchAsync(scene.Backward);
        Assert.Equal("2", await server.CallAsync("GET", "a"));
        Assert.Equal("OK", await server.CallAsync("SET", "a", "3"));
        Assert.Equal("tls-replication\nyes", await server.CallAsync("CONFIG", "GET", "tls-replication"));
    }

    private static string Certify(string folder)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=statefuldeploy-test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        string file = Path.Combine(folder, "certificate.pem");
        File.WriteAllText(file, made.ExportCertificatePem());
        return file;
    }
}
