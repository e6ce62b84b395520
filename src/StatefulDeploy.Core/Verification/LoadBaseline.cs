using System.Security.Cryptography;
using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Verification;

/// <summary>What a load suite measured on the old version, kept so that it need not be measured for every attempt.</summary>
/// <param name="Suite">The suite.</param>
/// <param name="Version">The version that it ran against.</param>
/// <param name="Command">The program and arguments that ran; other ones make another baseline.</param>
/// <param name="On"><c>copy</c>, <c>live blue</c>, or what the person wrote who recorded it.</param>
/// <param name="RecordedAt">When.</param>
/// <param name="Metrics">The figures.</param>
public sealed record LoadBaseline(string Suite, string Version, IReadOnlyList<string> Command, string On, DateTimeOffset RecordedAt, LoadMetrics Metrics)
{
    /// <summary>How the statements of a workload were planned; empty for other suites.</summary>
    public IReadOnlyList<StatementPlan> Plans { get; init; } = [];

    /// <summary>The file of a suite's baseline in a service's state folder.</summary>
    public static string PathOf(string stateDirectory, string suite) => Path.Combine(stateDirectory, "baselines", FileName.Of(suite) + ".json");

    /// <summary>The recorded baseline, if it is of this version and this command.</summary>
    /// <returns>Null when there is none, or one of something else.</returns>
    public static LoadBaseline? Find(string stateDirectory, SuiteDescription suite, string version)
    {
        try
        {
            var recorded = ModelJson.Read<LoadBaseline>(File.ReadAllText(PathOf(stateDirectory, suite.Name)));
            return recorded.Version == version && recorded.Command.SequenceEqual(CommandOf(suite), StringComparer.Ordinal) ? recorded : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>What identifies the load of a suite.</summary>
    public static IReadOnlyList<string> CommandOf(SuiteDescription suite) => suite switch
    {
        { Workload: { } workload } => ["workload", $"{workload.Clients} clients", $"sample of {workload.Sample}", .. workload.Scripts.Select(script => $"{script.Path}@{script.Weight} {Digest(script.Path)}")],
        { PesterFile: { } file } => ["pester", file],
        _ => suite.Command,
    };

    /// <summary>Drops the recorded baseline of a suite.</summary>
    public static void Forget(string stateDirectory, SuiteDescription suite)
    {
        if (File.Exists(PathOf(stateDirectory, suite.Name)))
            File.Delete(PathOf(stateDirectory, suite.Name));
    }

    /// <summary>Keeps it.</summary>
    public void Save(string stateDirectory)
    {
        var path = PathOf(stateDirectory, Suite);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(temporary, ModelJson.Write(this));
        File.Move(temporary, path, overwrite: true);
    }

    // The same name with another content is another load.
    private static string Digest(string path) => File.Exists(path) ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))[..16] : "missing";
}
