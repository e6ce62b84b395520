using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.Local;

/// <summary>What went wrong with a file, in words that a person can act on.</summary>
internal static class FileFailure
{
    // ERROR_DISK_FULL, as .NET maps ENOSPC and EDQUOT.
    private const int DiskFull = unchecked((int)0x80070070);
    private const int NoSpace = 28;

    public static void Guard(string path, string done, Action act)
    {
        try
        {
            act();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Of(error, path, done);
        }
    }

    public static UpgradeException Of(Exception error, string path, string done) => error switch
    {
        UnauthorizedAccessException => new UpgradeException(
            "FileAccessDenied", $"'{path}' cannot be {done}: {error.Message}", "Give this user the rights on it, or run as a user who has them.", FailureCategory.AccessDenied, error) { Target = path },
        IOException { HResult: DiskFull or NoSpace } => new UpgradeException(
            "DiskFull", $"'{path}' cannot be {done}: its disk is full.", "Free some space there.", FailureCategory.Capacity, error) { Target = path },
        FileNotFoundException or DirectoryNotFoundException => new UpgradeException(
            "FileMissing", $"'{path}' cannot be {done}: it, or its folder, does not exist.", "See whether the path is right.", FailureCategory.NotFound, error) { Target = path },
        _ => new UpgradeException(
            "FileFailed", $"'{path}' cannot be {done}: {error.Message}", "See what its file system says.", FailureCategory.OperationFailed, error) { Target = path },
    };
}
