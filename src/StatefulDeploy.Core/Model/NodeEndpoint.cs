using System.Globalization;

namespace StatefulDeploy.Model;

/// <summary>A host name or address, and a TCP port: where clients reach a node, a router or a service.</summary>
/// <param name="Host">A host name, or an IPv4 or IPv6 address without brackets.</param>
/// <param name="Port">A TCP port, 1 to 65535.</param>
public sealed record NodeEndpoint(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c> or <c>[v6]:port</c>.</summary>
    /// <exception cref="FormatException">The text is not of that form, or the port is not 1 to 65535.</exception>
    public static NodeEndpoint Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535)
        {
            return new NodeEndpoint(text[..colon].Trim('[', ']'), port);
        }

        throw new FormatException($"'{text}' is not an endpoint. Expected host:port with a port from 1 to 65535, such as 127.0.0.1:6379.");
    }

    /// <summary>The endpoint as <c>host:port</c>.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
