using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>
/// The ACL file that a node reads at its start. Closed, it holds the users without their rights, and in comments what they were and what the
/// file was. It is never loaded into a running server: ACL LOAD makes new users, and sessions that exist keep the old ones (seen in 2.2.2 and 2.2.8),
/// so that no later SETUSER reaches them.
/// </summary>
/// <param name="Path">Where it lies on the node's host.</param>
/// <param name="Originals">The users as they are to be when the node is open; null when the file is open.</param>
/// <param name="Text">The content of the open file.</param>
internal sealed record GarnetAclFile(string Path, IReadOnlyList<GarnetUser>? Originals, string Text)
{
    /// <summary>The node's setting that names its ACL file.</summary>
    public const string Setting = "aclFile";

    private const string Head = "# Closed by StatefulDeploy: the lines below are put back when the node is opened.";
    private const string UserMark = "#user= ";
    private const string LineMark = "#line= ";

    /// <summary>Where a node's ACL file lies: its setting <c>aclFile</c>, or <c>users.acl</c> in its data folder.</summary>
    public static string? Locate(Node node) => node.Settings.GetValueOrDefault(Setting) ?? (node.DataDirectory is null ? null : System.IO.Path.Combine(node.DataDirectory, "users.acl"));

    /// <summary>Reads a node's file.</summary>
    /// <exception cref="UpgradeException">The file is not known, or does not exist.</exception>
    public static async Task<GarnetAclFile> ReadAsync(Node node, IHost host, CancellationToken cancellationToken)
    {
        string path = Locate(node) ?? throw new UpgradeException("AclFileUnknown", $"{node} has no known ACL file, so a fence would not survive its restart.", "Name the file of '--acl-file' as 'aclFile' in the node's settings.", FailureCategory.Refused) { Target = node.Name };
        string text = await host.ReadFileAsync(path, cancellationToken)
            ?? throw new UpgradeException("AclFileMissing", $"{node}: there is no ACL file '{path}', so a fence would not survive its restart.", "Start Garnet with '--auth ACL --acl-file FILE' and name that file as 'aclFile' in the node's settings.", FailureCategory.NotFound) { Target = node.Name };
        return Parse(path, text);
    }

    /// <summary>The text of the closed file.</summary>
    /// <param name="originals">The users as they are to be when the node is open.</param>
    /// <param name="commands">The server's commands.</param>
    /// <param name="ours">Our users that must exist after a restart.</param>
    public string Closed(IReadOnlyList<GarnetUser> originals, GarnetCommands commands, params IEnumerable<GarnetUser> ours) => Lines(
    [
        Head,
        .. originals.Select(user => UserMark + user.Line),
        .. Text.Split('\n').Select(line => LineMark + line),
        .. originals.Select(user => user.With(commands.ClosingRules(user)).Line),
        .. ours.Select(user => user.Line),
    ]);

    private static GarnetAclFile Parse(string path, string text)
    {
        string[] lines = text.Split('\n');
        return lines[0] == Head
            ? new GarnetAclFile(path, [.. Marked(lines, UserMark).Select(GarnetUser.Parse)], string.Join('\n', Marked(lines, LineMark)))
            : new GarnetAclFile(path, null, text);
    }

    private static IEnumerable<string> Marked(string[] lines, string mark) =>
        lines.Where(line => line.StartsWith(mark, StringComparison.Ordinal)).Select(line => line[mark.Length..]);

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
