using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Azure.Core;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Arm;

/// <summary>What the identity may do in a resource group, asked beforehand, so that a missing role is found before anything is touched.</summary>
internal sealed class CallerRights(ArmClient client)
{
    private const string Type = "Microsoft.Authorization/permissions";

    private readonly ConcurrentDictionary<string, Task<IReadOnlyList<Permission>?>> _groups = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What it may not do of some actions; nothing where it is not told what it may.</summary>
    /// <param name="scope">A resource in the group.</param>
    /// <param name="actions">The actions, such as <c>Microsoft.Compute/disks/write</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A finding that names them; none when there is nothing missing.</returns>
    public async Task<IReadOnlyList<Finding>> InspectAsync(ResourceId scope, IEnumerable<string> actions, CancellationToken cancellationToken)
    {
        var path = $"/subscriptions/{scope.Subscription}/resourceGroups/{scope.Group}";
        if (await _groups.GetOrAdd(path, key => ReadAsync(key, cancellationToken)).WaitAsync(cancellationToken) is not { } permissions)
            return [];

        var missing = actions.Where(action => !permissions.Any(one => one.Allows(action))).ToList();
        return missing.Count == 0 ? [] : [Finding.Refuse(
            "AzureAuthorizationFailed",
            $"resource group {scope.Group}",
            $"The identity lacks the action{(missing.Count > 1 ? "s" : string.Empty)} {string.Join(", ", missing.Select(action => $"'{action}'"))} there.",
            $"Give it a role with {(missing.Count > 1 ? "them" : "it")} on that resource group; module/azure-role.json has all that are needed.")];
    }

    // Who may not even ask is told by the first request that is refused.
    private async Task<IReadOnlyList<Permission>?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var address = $"{path}/providers/{Type}?api-version={client.Environment.Versions.Of(Type)}";
        var answer = await client.SendAsync(new ArmRequest(RequestMethod.Get, address, $"GET {Type} (list)", path), cancellationToken);
        return answer.Status == 200 ? [.. answer.Body.Objects("value").Select(Permission.Of)] : null;
    }

    // learn.microsoft.com/azure/role-based-access-control/role-definitions: what 'actions' grants, less 'notActions'; '*' stands for anything.
    private sealed record Permission(IReadOnlyList<Regex> Actions, IReadOnlyList<Regex> NotActions)
    {
        public static Permission Of(JsonObject row) => new(Patterns(row["actions"]), Patterns(row["notActions"]));

        public bool Allows(string action) => Actions.Any(pattern => pattern.IsMatch(action)) && !NotActions.Any(pattern => pattern.IsMatch(action));

        private static List<Regex> Patterns(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => new Regex(
            $"^{Regex.Escape(item!.GetValue<string>()).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))];
    }
}
