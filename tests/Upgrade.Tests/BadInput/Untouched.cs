using StatefulDeploy.Upgrade.Tests.Stage;

namespace StatefulDeploy.Upgrade.Tests.BadInput;

/// <summary>How a service was before a command, to show that the command left it so.</summary>
internal sealed class Untouched
{
    private readonly LiveService _service;
    private readonly string _blue;
    private readonly string _files;

    private Untouched(LiveService service, string blue, string files)
    {
        _service = service;
        _blue = blue;
        _files = files;
    }

    public static async Task<Untouched> LookAsync(LiveService service) => new(service, await BlueAsync(service), Files(service));

    /// <summary>Blue has the same users, settings, configuration file, role and keys; there is no journal more, and nothing of ours was started.</summary>
    public async Task AssertAsync()
    {
        Assert.Equal(_blue, await BlueAsync(_service));
        Assert.Equal(_files, Files(_service));
        Assert.Empty(ProductProcess.Find(_service.Bed.Folder, "guard"));
        Assert.Empty(ProductProcess.Find(_service.Bed.Folder, "keeper"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_service.GreenFolder));
    }

    private static async Task<string> BlueAsync(LiveService service)
    {
        var blue = service.Blue;
        string[] answers =
        [
            await blue.CallAsync("ACL", "LIST"), Settings(await blue.CallAsync("CONFIG", "GET", "*")), await blue.CallAsync("DBSIZE"), await blue.InfoAsync("role") ?? string.Empty,
            await File.ReadAllTextAsync(Path.Combine(blue.Folder, "server.conf")),
        ];
        return string.Join("\n---\n", answers);
    }

    // The server tells them in the order of its own table, which may be laid out anew between two questions.
    private static string Settings(string answer) => string.Join('\n', answer.Split('\n').Order(StringComparer.Ordinal));

    private static string Files(LiveService service) => Directory.Exists(service.StateFolder)
        ? string.Join('\n', Directory.EnumerateFiles(service.StateFolder, "*.jsonl", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => $"{file} {new FileInfo(file).Length}"))
        : string.Empty;
}
