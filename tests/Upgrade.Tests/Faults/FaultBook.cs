using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>
/// The rows of the runs so far, kept on disk so that a table can be made of several runs: in the folder that the environment names,
/// else beside this build, whose own rows alone count then.
/// </summary>
internal static class FaultBook
{
    /// <summary>The variable that names a folder for the rows of several builds.</summary>
    public const string Variable = "STATEFULDEPLOY_FAULT_ROWS";

    private static readonly string? Named = Environment.GetEnvironmentVariable(Variable);
    private static readonly string Folder = Named ?? Path.Combine(AppContext.BaseDirectory, "fault-rows");

    public static void Enter(FaultRow row)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(PathOf(row.Case, row.Ending), JsonSerializer.Serialize(row));
    }

    public static FaultRow? Find(string id, string ending)
    {
        var path = PathOf(id, ending);
        return File.Exists(path) && (Named is not null || File.GetLastWriteTimeUtc(path) > File.GetLastWriteTimeUtc(typeof(FaultBook).Assembly.Location))
            ? JsonSerializer.Deserialize<FaultRow>(File.ReadAllText(path))
            : null;
    }

    private static string PathOf(string id, string ending) =>
        Path.Combine(Folder, $"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..16]}-{ending}.json");
}
