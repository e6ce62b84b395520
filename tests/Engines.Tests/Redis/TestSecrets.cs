using System.Collections.Concurrent;
using System.Security.Cryptography;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>Secrets in memory; a password "file" is the password itself.</summary>
public sealed class TestSecrets : ISecrets
{
    private readonly ConcurrentDictionary<string, string> _made = new(StringComparer.Ordinal);

    public string? Resolve(CredentialDescription? credential) => credential?.PasswordFile;

    public string GetOrCreate(string name) => _made.GetOrAdd(name, _ => Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
}
