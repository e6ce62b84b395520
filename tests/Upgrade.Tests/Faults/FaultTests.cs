using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>Every case of the table, once ended by resume and once by undo.</summary>
[Collection(FaultCollection.Name)]
public sealed class FaultTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Representative => Rows(FaultTable.Redis, fault => fault.Representative);

    public static TheoryData<string, string> Rest => Rows(FaultTable.Redis, fault => !fault.Representative);

    public static TheoryData<string, string> PostgresRepresentative => Rows(FaultTable.Postgres, fault => fault.Representative);

    public static TheoryData<string, string> PostgresRest => Rows(FaultTable.Postgres, fault => !fault.Representative);

    [FaultTheory("redis-7.0", "redis-8.0")]
    [MemberData(nameof(Representative))]
    public Task Nothing_is_lost_and_the_service_goes_on(string fault, string ending) => PlayAsync(fault, ending);

    [FaultTheory("redis-7.0", "redis-8.0", Full = true)]
    [MemberData(nameof(Rest))]
    public Task Nothing_is_lost_and_the_service_goes_on_in_every_other_case(string fault, string ending) => PlayAsync(fault, ending);

    [FaultTheory("postgresql-15", "postgresql-17", "pgbouncer")]
    [MemberData(nameof(PostgresRepresentative))]
    public Task Nothing_of_PostgreSQL_is_lost_and_the_service_goes_on(string fault, string ending) => PlayAsync(fault, ending);

    [FaultTheory("postgresql-15", "postgresql-17", "pgbouncer", Full = true)]
    [MemberData(nameof(PostgresRest))]
    public Task Nothing_of_PostgreSQL_is_lost_and_the_service_goes_on_in_every_other_case(string fault, string ending) => PlayAsync(fault, ending);

    private async Task PlayAsync(string fault, string ending)
    {
        var row = await new FaultRun(FaultTable.Get(fault), ending, output).PlayAsync();
        output.WriteLine(row.ToString());
        FaultBook.Enter(row);
        Assert.True(row.Broken.Length == 0, row.Broken);
    }

    private static TheoryData<string, string> Rows(IReadOnlyList<FaultCase> table, Func<FaultCase, bool> chosen)
    {
        var rows = new TheoryData<string, string>();
        foreach (var fault in table.Where(chosen))
        {
            rows.Add(fault.Id, FaultRun.Resume);
            rows.Add(fault.Id, FaultRun.Undo);
        }

        return rows;
    }
}
