using System.Text;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A process of the product, found among those that one test has started, itself or through others.</summary>
/// <param name="Id">Its process id.</param>
/// <param name="Arguments">Its command line.</param>
internal sealed record ProductProcess(int Id, IReadOnlyList<string> Arguments)
{
    /// <summary>The variable that every process of a test inherits; its value is the test's folder.</summary>
    public const string Mark = "STATEFULDEPLOY_TEST_BED";

    /// <summary>The processes whose command line has a word, such as <c>guard</c>, <c>keeper</c>, <c>gateway</c> or <c>worker</c>, as the program's first argument.</summary>
    public static IReadOnlyList<ProductProcess> Find(string bed, string verb) =>
        [.. All(bed).Where(process => process.Arguments.SkipWhile(word => !word.EndsWith("statefuldeploy.dll", StringComparison.Ordinal)).Skip(1).FirstOrDefault() == verb)];

    /// <summary>Everything that carries the test's mark, or works below its folder: a Redis writes its title over its environment.</summary>
    public static IEnumerable<ProductProcess> All(string bed)
    {
        var sought = $"{Mark}={bed}";
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id)
                && (Words(id, "environ").Contains(sought, StringComparer.Ordinal) || Target($"/proc/{id}/cwd")?.StartsWith(bed + '/', StringComparison.Ordinal) == true))
            {
                yield return new ProductProcess(id, Words(id, "cmdline"));
            }
        }
    }

    /// <summary>The process that listens on a TCP port of this machine.</summary>
    public static int ListeningOn(int port)
    {
        var hexadecimal = port.ToString("X4", System.Globalization.CultureInfo.InvariantCulture);
        var inodes = File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && fields[1].EndsWith(':' + hexadecimal, StringComparison.Ordinal))
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet(StringComparer.Ordinal);
        return Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .FirstOrDefault(id => id > 0 && Links(id).Any(inodes.Contains));
    }

    private static string[] Words(int id, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/{file}")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is another's.
            return [];
        }
    }

    private static IEnumerable<string> Links(int id)
    {
        string[] descriptors;
        try
        {
            descriptors = Directory.GetFiles($"/proc/{id}/fd");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var descriptor in descriptors)
        {
            if (Target(descriptor) is { } target)
            {
                yield return target;
            }
        }
    }

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
