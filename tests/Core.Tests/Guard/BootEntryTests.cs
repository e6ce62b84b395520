using StatefulDeploy.Contracts;
using StatefulDeploy.Guard.Boot;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>How the guard's command is written for those who start it with the machine.</summary>
public sealed class BootEntryTests
{
    private static readonly BootEntry Entry = new("orders", "/var/lib/50% of $all", new HostCommand("/usr/bin/dotnet", "exec", "it's \"this\".dll"));

    [Fact]
    public void A_word_for_systemd_keeps_what_is_special_to_it()
    {
        var unit = SystemdMeans.TextOf(Entry, []);
        Assert.Contains("ExecStart=\"/usr/bin/dotnet\" \"exec\" \"it's \\\"this\\\".dll\"\n", unit, StringComparison.Ordinal);
        Assert.Contains("StandardOutput=append:/var/lib/50%% of $all/guard.log\n", unit, StringComparison.Ordinal);
        Assert.Contains("WantedBy=multi-user.target", unit, StringComparison.Ordinal);
        Assert.Contains("WantedBy=default.target", SystemdMeans.TextOf(Entry, ["--user"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_for_cron_keeps_quotes_and_percent_signs() => Assert.Equal(
        $"@reboot '/usr/bin/dotnet' 'exec' 'it'\\''s \"this\".dll' >> '/var/lib/50\\% of $all/guard.log' 2>&1 # {Entry.Name}",
        CronMeans.LineOf(Entry));

    [Fact]
    public void Guards_of_two_folders_have_different_names() => Assert.NotEqual(Entry.Name, (Entry with { Folder = "/elsewhere" }).Name);
}
