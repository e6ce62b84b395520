using System.Runtime.InteropServices;

namespace StatefulDeploy.Harness.Processes;

/// <summary>The signals of Linux that tests send.</summary>
internal static partial class Signal
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends it; a process that is gone already is no error.</summary>
    public static void Send(int pid, int signal) => _ = SendCore(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendCore(int pid, int signal);
}
