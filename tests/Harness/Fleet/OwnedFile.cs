using System.Runtime.InteropServices;

namespace StatefulDeploy.Harness.Fleet;

/// <summary>Who owns a file.</summary>
internal static partial class OwnedFile
{
    /// <summary>Gives it to a user, and to the group of the same number.</summary>
    public static void Give(string path, uint user)
    {
        if (Chown(path, user, user) != 0)
        {
            throw new IOException($"{path} cannot be given to user {user}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);
}
