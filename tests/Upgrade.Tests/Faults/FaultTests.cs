using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>Every case of the table, once ended by resume and once by undo.</summary>
[Collection(FaultCollection.Name)]
public sealed class FaultTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Representative => Rows(fault => fault.Representative);

    public static TheoryData<string, string> Rest => Rows(fault => !fault.Representative);

    [FaultTheory]
    [MemberData(nameof(Representative))]
    public Task Nothing_is_lost_and_the_service_goes_on(string fault, string ending) => PlayAsync(fault, ending);

    [FaultTheory(Full = true)]
    [MemberData(nameof(Rest))]
    public Task Nothing_is_lost_and_the_service_goes_on_in_every_other_case(string fault, string ending) => PlayAsync(fault, ending);

    private async Task PlayAsync(string fault, string ending)
    {
        var row = await new FaultRun(FaultTable.Get(fault), ending, output).PlayAsync();
        output.WriteLine(row.ToString());
        FaultBook.Enter(row);
        Assert.True(row.Broken.Length == 0, row.Broken);
    }

    private static TheoryData<string, string> Rows(Func<FaultCase, bool> chosen)
    {
        var rows = new TheoryData<string, string>();
        foreach (var fault in FaultTable.All.Where(chosen))
        {
            rows.Add(fault.Id, FaultRun.Resume);
            rows.Add(fault.Id, FaultRun.Undo);
        }

        return rows;
    }
}
