using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads whom to tell about the window.</summary>
internal static class NotifyReader
{
    private static readonly TimeSpan StandardTimeout = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, NotifyMoment> Moments = new(StringComparer.Ordinal)
    {
        ["before"] = NotifyMoment.BeforeWindow,
        ["at"] = NotifyMoment.AtWindow,
        ["after"] = NotifyMoment.AfterWindow,
    };

    public static NotifyDescription Read(YamlSection section)
    {
        section.AtMostOneOf("command", "webhook");
        if (section["command"] is null && section["webhook"] is null)
            throw section.MissingKey("command' or 'webhook");

        return new NotifyDescription(
            section["when"] is { } when ? ReadMoments(when) : [.. Moments.Values],
            section["command"] is { } command ? CommandLine.Read(command) : [],
            section["webhook"] is { } webhook ? ReadWebhook(webhook) : null,
            section["timeout"]?.Duration(TimeSpan.FromMilliseconds(1)) ?? StandardTimeout);
    }

    private static List<NotifyMoment> ReadMoments(YamlValue when) => when.Items() is { Count: > 0 } items
        ? items.Select(item => item.OneOf(Moments)).Distinct().ToList()
        : throw when.Place.Error("EmptyValue", "The list is empty.", "Give at least one of: before, at, after.");

    private static Uri ReadWebhook(YamlValue webhook) =>
        Uri.TryCreate(webhook.Text(), UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw webhook.Wrong(webhook.Text(), "an http or https address");
}
