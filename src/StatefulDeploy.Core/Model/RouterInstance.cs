namespace StatefulDeploy.Model;

/// <summary>One process of a router that has several.</summary>
/// <param name="Admin">Its control address: the path of a socket, or host:port.</param>
/// <param name="Host">The host on which it runs, where its configuration is.</param>
/// <param name="Settings">What only this kind understands, by name.</param>
public sealed record RouterInstance(string Admin, string Host, IReadOnlyDictionary<string, string> Settings);
