using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Journal;

/// <summary>What an answer of Blob Storage means for a person.</summary>
internal static partial class BlobFailures
{
    /// <summary>The answer, if what was asked for was done.</summary>
    /// <exception cref="UpgradeException">It was not.</exception>
    public static BlobAnswer OrThrow(this BlobAnswer answer, BlobAddress address, string what) => answer.Succeeded ? answer : throw Of(answer, address, what);

    /// <summary>The failure that an answer tells of.</summary>
    public static UpgradeException Of(BlobAnswer answer, BlobAddress address, string what) => answer.Status switch
    {
        401 or 403 => new UpgradeException(
            "JournalAccessDenied",
            $"{what} in the shared journal '{address}' is refused: {Told(answer)}.",
            "Give the account that this runs as the role 'Storage Blob Data Contributor' on the container, or a key or SAS that may read, add, create, write, delete and list; see that the clock is right and the network rules let this machine in.",
            FailureCategory.AccessDenied) { Target = address.ToString() },
        404 when answer.Code == "ContainerNotFound" => new UpgradeException(
            "JournalContainerNotFound",
            $"There is no container '{address.Container.Segments[^1]}' at '{address.Container}': {what} failed.",
            "Create the container, or correct the address.",
            FailureCategory.NotFound) { Target = address.ToString() },
        408 or 429 or >= 500 => Unreachable(address, what, Told(answer), null),
        _ => new UpgradeException(
            "JournalRequestFailed",
            $"{what} in the shared journal '{address}' failed: {Told(answer)}.",
            "Mend what the code names, then resume the upgrade.") { Target = address.ToString() },
    };

    /// <summary>The failure when there was no answer, or none that could be used.</summary>
    public static UpgradeException Unreachable(BlobAddress address, string what, string why, Exception? cause) => new(
        "JournalUnreachable",
        $"{what} in the shared journal '{address}' failed: {why.TrimEnd('.')}.",
        "See that the storage account can be reached from here. Lines that are not there yet are kept on this machine; resume the upgrade here when it can be reached.",
        FailureCategory.Unreachable,
        cause) { Target = address.ToString() };

    // The body's message begins with a sentence; behind it are ids of the request.
    private static string Told(BlobAnswer answer)
    {
        var message = Message().Match(System.Text.Encoding.UTF8.GetString(answer.Body)) is { Success: true } match ? $" ({match.Groups["text"].Value.Trim().TrimEnd('.')})" : string.Empty;
        return $"HTTP {answer.Status}{(answer.Code.Length > 0 ? $", {answer.Code}" : string.Empty)}{message}";
    }

    [GeneratedRegex("<Message>(?<text>[^<\n]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Message();
}
