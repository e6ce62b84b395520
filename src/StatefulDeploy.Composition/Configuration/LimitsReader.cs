using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads the bounds of an upgrade; what is left out keeps its default.</summary>
internal static class LimitsReader
{
    private const int MostShards = 100;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    public static UpgradeLimits Read(YamlSection section)
    {
        var standard = new UpgradeLimits();
        return new UpgradeLimits
        {
            WindowDeadline = section["windowDeadline"]?.Duration(TimeSpan.FromSeconds(1)) ?? standard.WindowDeadline,
            HoldLimit = section["holdLimit"]?.Duration(Least) ?? standard.HoldLimit,
            HoldBytes = section["holdBytes"]?.Bytes() ?? standard.HoldBytes,
            TransactionGrace = section["transactionGrace"]?.Duration(TimeSpan.Zero) ?? standard.TransactionGrace,
            LagGate = section["lagGate"]?.Bytes() ?? standard.LagGate,
            CatchUpDeadline = section["catchUpDeadline"]?.Duration(Least) ?? standard.CatchUpDeadline,
            Soak = section["soak"]?.Duration(TimeSpan.Zero) ?? standard.Soak,
            Answer = section["answer"]?.Duration(Least) ?? standard.Answer,
            ShardsAtOnce = section["shardsAtOnce"]?.Number(1, MostShards) ?? standard.ShardsAtOnce,
        };
    }
}
