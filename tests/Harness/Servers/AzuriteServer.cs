using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A real Azurite: Azure Blob Storage on this machine, with leases, append blobs and their conditions.</summary>
/// <param name="installation">Which server.</param>
/// <param name="folder">Its folder, which exists.</param>
/// <param name="port">Its port.</param>
public sealed class AzuriteServer(ServerInstallation installation, string folder, int port) : ServerProcess(installation, folder, port)
{
    /// <summary>The account that it has.</summary>
    public const string Account = "devstoreaccount1";

    /// <summary>That account's key, which everybody knows (learn.microsoft.com/azure/storage/common/storage-use-azurite).</summary>
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const string Version = "2021-12-02";

    /// <summary>The account's address.</summary>
    public string Address => AddressAt(Port);

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Arguments =>
        ["--blobHost", "127.0.0.1", "--blobPort", Port.ToString(CultureInfo.InvariantCulture), "-l", Folder, "--silent", "--skipApiVersionCheck", "--disableTelemetry"];

    /// <summary>The account's address by way of another port, behind which something stands between.</summary>
    /// <param name="port">The port.</param>
    public static string AddressAt(int port) => FormattableString.Invariant($"http://127.0.0.1:{port}/{Account}");

    /// <summary>Makes a container.</summary>
    /// <param name="name">Its name.</param>
    public async Task MakeContainerAsync(string name)
    {
        var date = DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture);
        var text = $"PUT{new string('\n', 12)}x-ms-date:{date}\nx-ms-version:{Version}\n/{Account}/{Account}/{name}\nrestype:container";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Key), Encoding.UTF8.GetBytes(text)));
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Address}/{name}?restype=container");
        request.Headers.Add("x-ms-date", date);
        request.Headers.Add("x-ms-version", Version);
        request.Headers.Add("Authorization", $"SharedKey {Account}:{signature}");
        using var answer = await client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    /// <inheritdoc/>
    protected override async Task<bool> IsReadyAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
