namespace StatefulDeploy.Model;

/// <summary>A command or a webhook of the user's that is told about the window. Its failure never delays anything.</summary>
/// <param name="Moments">When it is told.</param>
/// <param name="Command">The program and its arguments; empty when <paramref name="Webhook"/> is set.</param>
/// <param name="Webhook">An address that gets a JSON document by POST; null when <paramref name="Command"/> is set.</param>
/// <param name="Timeout">After this long it is given up.</param>
public sealed record NotifyDescription(IReadOnlyList<NotifyMoment> Moments, IReadOnlyList<string> Command, Uri? Webhook, TimeSpan Timeout);
