using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Resources;

/// <summary>What the caller may do: everything but what is denied.</summary>
public sealed class CallerRights
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _denied = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes a right away.</summary>
    /// <param name="action">The action, such as <c>Microsoft.Compute/disks/delete</c>.</param>
    public void Deny(string action)
    {
        lock (_gate)
        {
            _denied.Add(action);
        }
    }

    /// <summary>Gives a right back.</summary>
    /// <param name="action">The action.</param>
    public void Allow(string action)
    {
        lock (_gate)
        {
            _denied.Remove(action);
        }
    }

    internal void Check(ArmRequest request)
    {
        var action = Action(request);
        lock (_gate)
        {
            if (_denied.Contains(action))
            {
                throw new ArmException(403, "AuthorizationFailed", $"The client '{AzureSimulator.Principal}' with object id '{AzureSimulator.Principal}' does not have authorization to perform action '{action}' over scope '{request.Target.Id}' or the scope is invalid. If access was recently granted, please refresh your credentials.");
            }
        }
    }

    internal JsonObject ToJson()
    {
        lock (_gate)
        {
            var permission = new JsonObject { ["actions"] = Json.Array(["*"]), ["notActions"] = Json.Array(_denied), ["dataActions"] = new JsonArray(), ["notDataActions"] = new JsonArray() };
            return new JsonObject { ["value"] = new JsonArray(permission) };
        }
    }

    private static string Action(ArmRequest request)
    {
        var verb = request.Method switch
        {
            "GET" or "HEAD" => "read",
            "PUT" or "PATCH" => "write",
            "DELETE" => "delete",
            _ => $"{request.Target.Segments[^1]}/action",
        };
        return $"{request.Target.Type}/{verb}";
    }
}
