using System.Runtime.InteropServices;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>Signals to processes that a test has caused to be started.</summary>
internal static partial class Signals
{
    public static void Kill(int id) => _ = Send(id, 9);

    public static void End(int id) => _ = Send(id, 15);

    public static void Stop(int id) => _ = Send(id, 19);

    public static void Continue(int id) => _ = Send(id, 18);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Send(int id, int signal);
}
