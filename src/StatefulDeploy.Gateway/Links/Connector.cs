using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Links;

/// <summary>Makes links: to servers, and of clients that were accepted.</summary>
internal sealed class Connector : IDisposable
{
    // Making a connection ready beforehand must not crowd out those that are needed now.
    private readonly SemaphoreSlim _standbySlots = new(64);
    private readonly GatewayOptions _options;
    private readonly SslServerAuthenticationOptions? _listenTls;

    public Connector(GatewayOptions options)
    {
        _options = options;
        _listenTls = options.ListenTls is null ? null : ServerOptions(options.ListenTls);
    }

    public async Task<Link> ConnectAsync(NodeEndpoint endpoint, object gate, bool isUrgent)
    {
        if (isUrgent)
            return await ConnectAsync(endpoint, gate);

        await _standbySlots.WaitAsync();
        try
        {
            return await ConnectAsync(endpoint, gate);
        }
        finally
        {
            _standbySlots.Release();
        }
    }

    /// <summary>Takes a client in.</summary>
    /// <exception cref="IOException">The client does not speak TLS.</exception>
    /// <exception cref="AuthenticationException">TLS could not be agreed on.</exception>
    public async Task<Link> AcceptAsync(Socket socket, object gate)
    {
        if (_listenTls is null)
            return new SocketLink(socket, gate);

        socket.NoDelay = true;
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            using var deadline = new CancellationTokenSource(_options.Limits.ConnectTimeout, _options.Clock);
            await stream.AuthenticateAsServerAsync(_listenTls, deadline.Token);
            return new StreamLink(stream, gate);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public void Dispose() => _standbySlots.Dispose();

    private static SslServerAuthenticationOptions ServerOptions(GatewayListenTls tls)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(tls.CertificateFile);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile), chain),
        };
        if (tls.ClientCaFile is null)
            return options;

        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(tls.ClientCaFile);
        return options;
    }

    private async Task<Link> ConnectAsync(NodeEndpoint endpoint, object gate)
    {
        using var deadline = new CancellationTokenSource(_options.Limits.ConnectTimeout, _options.Clock);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (IPAddress.TryParse(endpoint.Host, out var address))
                await socket.ConnectAsync(address, endpoint.Port, deadline.Token);
            else
                await socket.ConnectAsync(endpoint.Host, endpoint.Port, deadline.Token);

            if (_options.TargetTls is null)
                return new SocketLink(socket, gate);

            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(RespTls.ClientOptions(_options.TargetTls, endpoint.Host), deadline.Token);
            return new StreamLink(stream, gate);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
