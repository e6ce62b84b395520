using System.Globalization;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Volumes;

/// <summary>Finds out who holds something: open files, working folders, programs, mapped files and mounts of other mount namespaces.</summary>
internal static class Holders
{
    private const int MostNamed = 5;

    /// <summary>The processes that hold something at or below a folder, each once.</summary>
    internal static async Task<IReadOnlyList<Holder>> FindAsync(IHost host, string folder, CancellationToken cancellationToken)
    {
        var pattern = Escape(folder);
        // What ends while we look is an error of find's, and of no matter.
        var found = await host.TryAsync(
            "find",
            ["/proc", "-maxdepth", "3", "(", "-path", "/proc/[0-9]*/fd/*", "-o", "-path", "/proc/[0-9]*/map_files/*", "-o", "-path", "/proc/[0-9]*/cwd", "-o", "-path", "/proc/[0-9]*/root", "-o", "-path", "/proc/[0-9]*/exe", ")",
                "(", "-lname", pattern, "-o", "-lname", pattern + "/*", ")", "-printf", @"%h\t%l\n"],
            cancellationToken);
        var links = found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t', 2)).Where(pair => pair.Length == 2);
        var byProcess = links
            .Select(pair => (Process: int.Parse(pair[0].Split('/')[2], CultureInfo.InvariantCulture), Path: pair[1]))
            .GroupBy(link => link.Process)
            .Select(group => (Process: group.Key, group.First().Path));
        return await NameAsync(host, byProcess, cancellationToken);
    }

    /// <summary>The processes in whose mount namespaces a device is still mounted.</summary>
    internal static async Task<IReadOnlyList<Holder>> FindMountsAsync(IHost host, BlockDevice device, CancellationToken cancellationToken)
    {
        var found = await host.TryAsync("sh", ["-c", "grep -l -s -- \"$1\" /proc/[0-9]*/mountinfo || :", "sh", $" {device.Number} "], cancellationToken);
        var processes = found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(path => (int.Parse(path.Split('/')[2], CultureInfo.InvariantCulture), $"a mount of {device.Path} in its mount namespace"));
        return await NameAsync(host, processes, cancellationToken);
    }

    /// <summary>Holders for people, the first few of many.</summary>
    internal static string Text(IReadOnlyList<Holder> holders) => holders.Count <= MostNamed
        ? string.Join(", ", holders)
        : $"{string.Join(", ", holders.Take(MostNamed))} and {holders.Count - MostNamed} more";

    private static async Task<IReadOnlyList<Holder>> NameAsync(IHost host, IEnumerable<(int Process, string Path)> processes, CancellationToken cancellationToken)
    {
        var holders = new List<Holder>();
        foreach (var (process, path) in processes.OrderBy(one => one.Process))
        {
            // Whoever has ended meanwhile holds nothing.
            if (await host.ReadFileAsync($"/proc/{process}/comm", cancellationToken) is { } name)
            {
                holders.Add(new Holder(process, name.Trim(), path));
            }
        }

        return holders;
    }

    private static string Escape(string path) => string.Concat(path.Select(letter => @"\*?[]".Contains(letter, StringComparison.Ordinal) ? $@"\{letter}" : letter.ToString()));
}
