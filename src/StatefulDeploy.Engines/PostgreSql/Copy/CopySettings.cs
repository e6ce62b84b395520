using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>What a service file says of the initial copy, under <c>settings</c>.</summary>
/// <param name="Way">How green is filled; null where the plan is to choose.</param>
/// <param name="Jobs">Sessions that copy at once on each side.</param>
/// <param name="BytesPerSecond">The most that is read from the source; null for no bound.</param>
/// <param name="PartBytes">A table that is larger on disk is copied in parts of this size.</param>
internal sealed record CopySettings(CopyWay? Way, int Jobs, long? BytesPerSecond, long PartBytes)
{
    /// <summary>The setting that names the way: auto, logical, physical or subscription.</summary>
    public const string WaySetting = "initialCopy";

    /// <summary>The setting that names how many sessions copy at once.</summary>
    public const string JobsSetting = "copyJobs";

    /// <summary>The setting that bounds the bytes a second, such as 50MB.</summary>
    public const string ThrottleSetting = "copyBytesPerSecond";

    /// <summary>The setting that names the size of the parts that large tables are split into.</summary>
    public const string PartSetting = "copyPartBytes";

    private const int FewestJobs = 2;
    private const int MostJobs = 8;
    private const int JobsAllowed = 64;
    private const long DefaultPart = 128L << 20;

    /// <summary>Reads them.</summary>
    /// <exception cref="UpgradeException">One is no such value.</exception>
    public static CopySettings Of(ServiceDescription service)
    {
        string way = service.Settings.GetValueOrDefault(WaySetting) ?? "auto";
        return new CopySettings(
            way switch
            {
                "auto" => null,
                "logical" => CopyWay.Logical,
                "physical" => CopyWay.Physical,
                "subscription" => CopyWay.Subscription,
                _ => throw Wrong(WaySetting, way, "auto, logical, physical or subscription"),
            },
            JobsOf(service),
            BytesOf(service, ThrottleSetting),
            BytesOf(service, PartSetting) ?? DefaultPart);
    }

    private static int JobsOf(ServiceDescription service)
    {
        if (!service.Settings.TryGetValue(JobsSetting, out string? text))
        {
            return Math.Clamp(Environment.ProcessorCount, FewestJobs, MostJobs);
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int jobs) && jobs is >= 1 and <= JobsAllowed
            ? jobs
            : throw Wrong(JobsSetting, text, $"a number from 1 to {JobsAllowed}");
    }

    private static long? BytesOf(ServiceDescription service, string setting)
    {
        if (!service.Settings.TryGetValue(setting, out string? text))
        {
            return null;
        }

        return Quantity.TryParseBytes(text, out long bytes) && bytes > 0 ? bytes : throw Wrong(setting, text, "a size such as 50MB");
    }

    private static UpgradeException Wrong(string setting, string text, string wanted) =>
        new("SettingInvalid", $"settings.{setting} is '{text}'; it must be {wanted}.", "Correct it in the service file.", FailureCategory.InvalidInput) { Target = setting };
}
