using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Faults.Volumes;

/// <summary>Every case of the table of moving volumes, once ended by resume and once by undo.</summary>
[Collection(FaultCollection.Name)]
public sealed class VolumeFaultTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Representative => Rows(chosen: true);

    public static TheoryData<string, string> Rest => Rows(chosen: false);

    [FaultTheory("fleet", "volumes", "redis-7.0", "redis-8.0")]
    [MemberData(nameof(Representative))]
    public Task No_volume_is_mounted_twice_and_nothing_is_lost(string fault, string ending) => PlayAsync(fault, ending);

    [FaultTheory("fleet", "volumes", "redis-7.0", "redis-8.0", "faketime", Full = true)]
    [MemberData(nameof(Rest))]
    public Task No_volume_is_mounted_twice_and_nothing_is_lost_in_every_other_case(string fault, string ending) => PlayAsync(fault, ending);

    private async Task PlayAsync(string fault, string ending)
    {
        var row = await new VolumeFaultRun(VolumeFaultTable.Get(fault), ending, output).PlayAsync();
        output.WriteLine(row.ToString());
        FaultBook.Enter(row);
        Assert.True(row.Broken.Length == 0, row.Broken);
    }

    private static TheoryData<string, string> Rows(bool chosen)
    {
        var rows = new TheoryData<string, string>();
        foreach (var fault in VolumeFaultTable.Cases)
        {
            foreach (var ending in new[] { FaultRun.Resume, FaultRun.Undo }.Where(ending => fault.Representative == ending == chosen))
            {
                rows.Add(fault.Id, ending);
            }
        }

        return rows;
    }
}
