using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>The secrets of a service on this machine: from the environment, from files, and our own in <c>secrets.json</c> of the guard's folder (mode 0600).</summary>
/// <param name="service">The service.</param>
public sealed class SecretStore(ServiceDescription service) : ISecrets
{
    private const string Kept = "environment:";
    private const string KeptFile = "file:";
    private const string Seed = "seed:";
    private const int RandomBytes = 24;
    private const int LockAttempts = 1000;

    private readonly object _turn = new();
    private readonly GuardFolder _folder = new(service.GuardDirectory);
    private Dictionary<string, string>? _known;

    private string PathOfOwn => Path.Combine(_folder.Path, "secrets.json");

    /// <inheritdoc/>
    public string? Resolve(CredentialDescription? credential)
    {
        if (credential?.PasswordEnvironmentVariable is { } variable)
            return FromEnvironment(variable);

        return credential?.PasswordFile is { } file ? FromFile(file) : null;
    }

    /// <inheritdoc/>
    public string GetOrCreate(string name)
    {
        lock (_turn)
            return (_known ??= Read()).TryGetValue(name, out var value) || (_known = Read()).TryGetValue(name, out value) ? value : Create(name);
    }

    /// <summary>Keeps what the environment of this process gives for these accounts, so that the guard can act after a reboot, when it has another environment.</summary>
    /// <exception cref="UpgradeException">A variable is missing or empty.</exception>
    public void Keep(params IEnumerable<CredentialDescription?> credentials)
    {
        var values = credentials.Select(credential => credential?.PasswordEnvironmentVariable).OfType<string>().Distinct(StringComparer.Ordinal)
            .ToDictionary(variable => Kept + variable, FromEnvironment, StringComparer.Ordinal);
        lock (_turn)
        {
            if (values.All(pair => (_known ??= Read()).GetValueOrDefault(pair.Key) == pair.Value))
                return;

            Change(known =>
            {
                foreach (var (name, value) in values)
                    known[name] = value;
            });
        }
    }

    /// <summary>All secrets of the service as a document: what another machine needs to act in its stead. There it is the <c>secrets.json</c> of the guard's folder.</summary>
    /// <exception cref="UpgradeException">A variable or file is missing or empty.</exception>
    internal string Pack(params IEnumerable<CredentialDescription?> credentials)
    {
        var needed = credentials.OfType<CredentialDescription>().ToList();
        Keep(needed);
        lock (_turn)
        {
            if (!(_known ??= Read()).ContainsKey(Seed))
                Change(known => known.TryAdd(Seed, Random()));

            var all = new SortedDictionary<string, string>(_known, StringComparer.Ordinal);
            foreach (var file in needed.Select(credential => credential.PasswordFile).OfType<string>())
                all[KeptFile + file] = FromFile(file);

            return ModelJson.Write(all);
        }
    }

    // From the seed: two machines that have it make the same, whichever is first.
    private string Create(string name)
    {
        Change(known =>
        {
            known.TryAdd(Seed, Random());
            known.TryAdd(name, Hex(HMACSHA256.HashData(Encoding.UTF8.GetBytes(known[Seed]), Encoding.UTF8.GetBytes(name))[..RandomBytes]));
        });
        return _known![name];
    }

    private static string Random() => Hex(RandomNumberGenerator.GetBytes(RandomBytes));

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes).ToLowerInvariant();

    private string FromEnvironment(string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
            return value;

        lock (_turn)
        {
            return (_known = Read()).TryGetValue(Kept + variable, out var kept) ? kept : throw new UpgradeException(
                "PasswordVariableMissing",
                $"The environment variable '{variable}', which the service file '{service.Path}' names for a password, is not set or is empty.",
                $"Set {variable} in the environment of this process.",
                FailureCategory.AccessDenied) { Target = variable };
        }
    }

    private string FromFile(string file)
    {
        lock (_turn)
        {
            if ((_known ??= Read()).TryGetValue(KeptFile + file, out var kept))
                return kept;
        }

        var path = Path.GetFullPath(file, Path.GetDirectoryName(Path.GetFullPath(service.Path))!);
        try
        {
            using var reader = new StreamReader(path);
            if (reader.ReadLine() is { Length: > 0 } password)
                return password;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error.Message, error);
        }

        throw Unreadable(path, "its first line, which should be the password, is empty.", null);
    }

    private UpgradeException Unreadable(string path, string why, Exception? error) => new(
        "PasswordFileUnreadable",
        $"The password file '{path}', which the service file '{service.Path}' names, cannot be used: {why}",
        "Put the password on its first line, and let this user read it.",
        FailureCategory.AccessDenied,
        error) { Target = path };

    private void Change(Action<Dictionary<string, string>> change)
    {
        _folder.Ensure();
        using var turn = TakeLock();
        _known = Read();
        change(_known);
        DurableFile.Replace(PathOfOwn, JsonSerializer.SerializeToUtf8Bytes(_known, GuardJson.Default.DictionaryStringString));
    }

    // Held for a few milliseconds at a time, at first use: not worth an asynchronous interface.
    private FileLock TakeLock()
    {
        for (var attempt = 0; attempt < LockAttempts; attempt++)
        {
            if (FileLock.TryTake(PathOfOwn + ".lock") is { } taken)
                return taken;

            Thread.Sleep(5);
        }

        throw new UpgradeException("SecretsLocked", $"Another process keeps '{PathOfOwn}' locked.", "See which process has its lock file open.", FailureCategory.Busy) { Target = PathOfOwn };
    }

    private Dictionary<string, string> Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PathOfOwn), GuardJson.Default.DictionaryStringString)!;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Dictionary<string, string>(StringComparer.Ordinal);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new UpgradeException("SecretsUnreadable", $"'{PathOfOwn}' cannot be read.", "Give this user the rights on it. If it is damaged, restore the guard's folder from a backup; the nodes know the passwords in it.", FailureCategory.Damaged, error) { Target = PathOfOwn };
        }
    }
}
