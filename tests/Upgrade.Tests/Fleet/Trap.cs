using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>A program of one machine that stands still the first time that it is called with certain words, until it is let go: then it does what it was called for.</summary>
internal sealed class Trap
{
    private readonly string _place;

    private Trap(string place) => _place = place;

    /// <summary>Sets one. It is gone when the machine is booted.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="program">The program, on the path of its root.</param>
    /// <param name="words">A pattern of the shell that the arguments, set apart by blanks, must match.</param>
    public static async Task<Trap> SetAsync(TestMachine machine, string program, string words)
    {
        var folder = Path.Combine(machine.Disk, "trap");
        var path = await machine.RunAsync("sh", "-c", $"PATH=$PATH:/usr/sbin:/sbin; readlink -f \"$(command -v {program})\"");
        Directory.CreateDirectory(folder);
        await machine.RunAsync("cp", "--archive", path, $"/srv/trap/{program}.real");
        await File.WriteAllTextAsync(Path.Combine(folder, program), $"""
            #!/bin/sh
            case "$*" in
                {words})
                    if mkdir /srv/trap/{program}.once 2> /dev/null; then
                        : > /srv/trap/{program}.reached
                        while [ ! -e /srv/trap/{program}.go ]; do sleep 0.05; done
                    fi ;;
            esac
            exec /srv/trap/{program}.real "$@"
            """ + "\n");
        await machine.RunAsync("chmod", "0755", $"/srv/trap/{program}");
        await machine.RunAsync("mount", "--bind", $"/srv/trap/{program}", path);
        return new Trap(Path.Combine(folder, program));
    }

    /// <summary>Waits until it is stood in.</summary>
    public Task ReachedAsync(TimeSpan within) => TestBed.WaitUntilAsync(() => Task.FromResult(File.Exists(_place + ".reached")), $"{Path.GetFileName(_place)} was called", within);

    /// <summary>It goes on, if it is still there.</summary>
    public void LetGo() => File.WriteAllText(_place + ".go", string.Empty);
}
