using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>
/// Drops every packet between an address of this machine and a port of it, as a cut cable does: nothing is refused, nothing is
/// answered. A table of the packet filter of its own, gone at the end; needs root.
/// </summary>
internal sealed class Partition(string address, int port) : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly string _table = FormattableString.Invariant($"sdtest{port}");
    private bool _cut;

    public async Task CutAsync()
    {
        _cut = true;
        await RunAsync("add", "table", "ip", _table);
        await RunAsync("add", "chain", "ip", _table, "out", "{ type filter hook output priority 0 ; }");
        await RunAsync("add", "rule", "ip", _table, "out", "ip", "saddr", address, "tcp", "dport", Text(port), "drop");
        await RunAsync("add", "rule", "ip", _table, "out", "ip", "daddr", address, "tcp", "sport", Text(port), "drop");
    }

    public async Task MendAsync()
    {
        if (_cut)
        {
            _cut = false;
            await RunAsync("delete", "table", "ip", _table);
        }
    }

    public async ValueTask DisposeAsync() => await MendAsync();

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static async Task RunAsync(params string[] arguments)
    {
        var (code, output) = await TestProcess.RunAsync("nft", arguments, Soon);
        Assert.True(code == 0, output);
    }
}
