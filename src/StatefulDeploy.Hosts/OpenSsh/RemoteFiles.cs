using System.Globalization;
using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>Files and folders of a host, by what every Linux has: sh and coreutils.</summary>
internal sealed class RemoteFiles(SshHostOptions options, SshCommand commands)
{
    private const int Torn = 66;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Where sudo does not even allow to look, a file that is there would be taken for one that is not.</summary>
    private const string MaySee = "[ -z \"$S\" ] || $S test -e / || exit 1";

    private static readonly string Flush = "$S sync -- \"$(dirname -- \"$1\")\"";

    /// <summary>A temporary file beside the target gets content, mode and owner, and its name last. A connection that broke on the way left too few bytes, and changes nothing.</summary>
    private static readonly string Write = $$"""
        t="$1.$2.tmp"
        end() { c=$?; $S rm -f -- "$t"; exit "$c"; }
        {{MaySee}}
        umask 077
        $S tee -- "$t" > /dev/null || end
        [ "$($S cat -- "$t" | wc -c)" -eq "$3" ] || { (exit {{Torn}}); end; }
        $S chmod -- "$4" "$t" || end
        if $S test -e "$1"; then $S chown --reference="$1" -- "$t" || end; $S chmod -- "$4" "$t" || end; fi
        $S sync -- "$t" && $S mv -fT -- "$t" "$1" || end
        {{Flush}}
        """;

    private const string MakeFolder = """
        f=$1; missing=
        while ! $S test -d "$f"; do [ "$f" != / ] || exit 1; missing="$f
        $missing"; f=$(dirname -- "$f"); done
        IFS='
        '
        for f in $missing; do unset IFS; $S mkdir -m "$2" -- "$f" || $S test -d "$f" || exit 1; $S sync -- "$(dirname -- "$f")" || exit 1; done
        """;

    private static readonly string Copy = $$"""
        t="$2.$3.tmp"
        end() { c=$?; $S rm -f -- "$t"; exit "$c"; }
        $S cp --preserve=mode -- "$1" "$t" || end
        $S sync -- "$t" || end
        $S sha256sum -- "$t" || end
        $S mv -fT -- "$t" "$2" || end
        set -- "$2"
        {{Flush}}
        """;

    /// <summary>
    /// $1 is the folder, $2 a name that nobody has, $3 the archive's checksum. The archive is unpacked by the user of ssh, and only what is whole is brought to its place.
    /// </summary>
    private static readonly string PutFolder = $$"""
        {{MaySee}}
        $S test ! -d "$1" || { cat > /dev/null; exit 0; }
        umask 077
        d=$(mktemp -d) || exit 1
        t="$1.$2.tmp"
        end() { c=$?; rm -rf -- "$d"; $S rm -rf -- "$t"; exit "$c"; }
        cat > "$d/archive"
        echo "$3  $d/archive" | sha256sum -c --status || { (exit {{Torn}}); end; }
        mkdir "$d/files" && tar -xzf "$d/archive" --no-same-owner -C "$d/files" && $S cp -R -- "$d/files" "$t" && $S sync -f -- "$t" || end
        $S mv -T -- "$t" "$1" || $S test -d "$1" || end
        $S sync -- "$(dirname -- "$1")"
        end
        """;

    public async Task PutFolderAsync(string root, IReadOnlyList<string> files, string folder, CancellationToken cancellationToken)
    {
        var archive = await FolderArchive.PackAsync(root, files, cancellationToken);
        var result = await commands.RunScriptAsync(PutFolder, [folder, Unique(), FolderArchive.Checksum(archive)], archive, cancellationToken);
        if (result.ExitCode != 0)
            throw Failed(result, folder, "made");
    }

    public async Task<string?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var result = await commands.RunScriptAsync("exec $S cat -- \"$1\"", [path], null, Limit, cancellationToken);
        if (result.ExitCode == 0)
            return result.Output;

        return Failed(result, path, "read") is { Category: not FailureCategory.NotFound } error ? throw error : null;
    }

    public async Task WriteAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken)
    {
        var length = Encoding.UTF8.GetByteCount(content).ToString(CultureInfo.InvariantCulture);
        var result = await commands.RunScriptAsync(Write, [path, Unique(), length, Octal(mode)], content, Limit, cancellationToken);
        if (result.ExitCode != 0)
            throw Failed(result, path, "written");
    }

    public async Task RenameAsync(string from, string to, CancellationToken cancellationToken)
    {
        var result = await commands.RunScriptAsync("exec $S mv -fT -- \"$1\" \"$2\"", [from, to], null, Limit, cancellationToken);
        if (result.ExitCode != 0)
            throw Failed(result, from, "renamed");
    }

    public async Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken)
    {
        var result = await commands.RunScriptAsync(MakeFolder, [path, Octal(mode)], null, Limit, cancellationToken);
        if (result.ExitCode != 0)
            throw Failed(result, path, "made");
    }

    public async Task RemoveFolderAsync(string path, CancellationToken cancellationToken)
    {
        var result = await commands.RunScriptAsync($"{MaySee}; if $S test -d \"$1\"; then exec $S rm -rf -- \"$1\"; fi", [path], null, Timeout.InfiniteTimeSpan, cancellationToken);
        if (result.ExitCode != 0)
            throw Failed(result, path, "removed");
    }

    public async Task<string> CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        // A copy takes what it takes: whoever waits for it may end it.
        var result = await commands.RunScriptAsync(Copy, [from, to, Unique()], null, Timeout.InfiniteTimeSpan, cancellationToken);
        // A name with a backslash or a line's end is escaped by sha256sum, which tells so by a backslash first.
        return result.ExitCode == 0 ? result.Output.TrimStart('\\')[..64] : throw Failed(result, to, "written");
    }

    private UpgradeException Failed(CommandResult result, string path, string done)
    {
        var said = SshFailure.LastLine(result.Error);
        if (result.ExitCode == Torn)
            return SshFailure.Lost(options, $"writing {path}");

        return said switch
        {
            _ when Has("Permission denied", "Operation not permitted", "Read-only file system") => Error("FileAccessDenied", "Give the user of ssh the rights on it, log in as a user who has them, or set 'sudo' of the host.", FailureCategory.AccessDenied),
            _ when Has("No space left", "Disk quota exceeded") => Error("DiskFull", "Free some space there.", FailureCategory.Capacity),
            _ when Has("No such file", "Not a directory") => Error("FileMissing", "See whether the path is right.", FailureCategory.NotFound),
            _ => Error("FileFailed", "See what its file system says.", FailureCategory.OperationFailed),
        };

        bool Has(params string[] texts) => texts.Any(text => said.Contains(text, StringComparison.Ordinal));

        UpgradeException Error(string id, string action, FailureCategory category) =>
            new(id, $"'{path}' on host '{options.Name}' cannot be {done}: {said}", action, category) { Target = path };
    }

    private static string Unique() => Guid.NewGuid().ToString("N");

    private static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8);
}
