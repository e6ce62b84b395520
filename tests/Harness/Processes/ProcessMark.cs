using System.Text;

namespace StatefulDeploy.Harness.Processes;

/// <summary>
/// A variable in a process's environment by which it and all that it starts are found again, also those that made a session of
/// their own and outlive it, as the product's watcher and keeper do.
/// </summary>
internal sealed class ProcessMark
{
    public const string Variable = "STATEFULDEPLOY_TEST_PROCESS";

    public string Value { get; } = Guid.NewGuid().ToString("N");

    public IReadOnlyList<int> Find()
    {
        var sought = Encoding.ASCII.GetBytes($"{Variable}={Value}");
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && Environment(pid).AsSpan().IndexOf(sought) >= 0)];
    }

    /// <summary>Ends all of them; again until none is left, since one may be starting another.</summary>
    public void KillAll()
    {
        for (var round = 0; round < 20; round++)
        {
            var left = Find();
            if (left.Count == 0)
            {
                return;
            }

            foreach (var pid in left)
            {
                Signal.Send(pid, Signal.Kill);
            }

            Thread.Sleep(10);
        }
    }

    private static byte[] Environment(int pid)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{pid}/environ");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is another's.
            return [];
        }
    }
}
