using System.Globalization;

namespace StatefulDeploy.Posix;

/// <summary>
/// How far the session that this process leads stands back from others when they want the same processors. Linux schedules every session as
/// one (autogroups, <c>man 7 sched</c>), so a process of ours that has one to itself and compiles its code takes as much as a whole service with all
/// its clients, unless it stands back. It is a courtesy and nothing rests on it: elsewhere, and where it is refused, all stays as it is.
/// </summary>
public static class SessionShare
{
    /// <summary>The nice value of who stands back: about a third of the usual weight.</summary>
    public const int Back = 5;

    private const int Usual = 0;
    private const int Attempts = 20;
    private const string Group = "/proc/self/autogroup";

    // The kernel takes one change in a tenth of a second from all who are not root.
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);
    private static readonly object Turn = new();

    private static int _wanted = Usual;

    /// <summary>Lets others go first from now on.</summary>
    public static void StandBack() => Want(Back);

    /// <summary>Is one among others from now on, also if it was started standing back.</summary>
    public static void StepForward() => Want(Usual);

    private static void Want(int nice)
    {
        if (!OperatingSystem.IsLinux() || Libc.GetSession(0) != Environment.ProcessId)
            return;

        lock (Turn)
            _wanted = nice;

        _ = SetAsync(nice);
    }

    private static async Task SetAsync(int nice)
    {
        for (var attempt = 0; attempt < Attempts && !TrySet(nice); attempt++)
            await Task.Delay(Again);
    }

    /// <returns>False when it is worth another try.</returns>
    private static bool TrySet(int nice)
    {
        lock (Turn)
        {
            if (_wanted != nice)
                return true;

            try
            {
                File.WriteAllText(Group, nice.ToString(CultureInfo.InvariantCulture));
                return true;
            }
            catch (IOException)
            {
                return !File.Exists(Group);
            }
            catch (UnauthorizedAccessException)
            {
                return true;
            }
        }
    }
}
