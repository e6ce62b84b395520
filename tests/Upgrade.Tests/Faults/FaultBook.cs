using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>The rows of this build's runs, kept on disk so that a table can be made of several runs. Rows of an older build do not count.</summary>
internal static class FaultBook
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "fault-rows");

    public static void Enter(FaultRow row)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(PathOf(row.Case, row.Ending), JsonSerializer.Serialize(row));
    }

    public static FaultRow? Find(FaultCase fault, string ending)
    {
        var path = PathOf(fault.Id, ending);
        return File.Exists(path) && File.GetLastWriteTimeUtc(path) > File.GetLastWriteTimeUtc(typeof(FaultBook).Assembly.Location)
            ? JsonSerializer.Deserialize<FaultRow>(File.ReadAllText(path))
            : null;
    }

    private static string PathOf(string id, string ending) =>
        Path.Combine(Folder, $"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..16]}-{ending}.json");
}
