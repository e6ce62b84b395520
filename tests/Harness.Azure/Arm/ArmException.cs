using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>An error that Azure Resource Manager answers with, or that an operation ends with.</summary>
public sealed class ArmException : Exception
{
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The code.</param>
    /// <param name="message">What it says.</param>
    /// <param name="target">What of the request is wrong.</param>
    public ArmException(int status, string code, string message, string? target = null)
        : base(message)
    {
        Status = status;
        Code = code;
        Target = target;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The code.</summary>
    public string Code { get; }

    /// <summary>What of the request is wrong.</summary>
    public string? Target { get; }

    /// <summary>Further codes and messages.</summary>
    public IReadOnlyList<(string Code, string Message)> Details { get; init; } = [];

    /// <summary>Headers of the answer.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Not this resource. Azure's front door says so, before a provider is asked.</summary>
    /// <param name="path">What was asked for.</param>
    public static ArmException ResourceNotFound(ResourcePath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Gateway("ResourceNotFound", $"The Resource '{path.Type}/{path.Name}' under resource group '{path.Group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
    }

    /// <summary>Not this resource group.</summary>
    /// <param name="name">Its name.</param>
    public static ArmException GroupNotFound(string name) => Gateway("ResourceGroupNotFound", $"Resource group '{name}' could not be found.");

    /// <summary>Not this subscription.</summary>
    /// <param name="id">Its id.</param>
    public static ArmException SubscriptionNotFound(string id) => Gateway("SubscriptionNotFound", $"The subscription '{id}' could not be found.");

    /// <summary>A value that cannot be.</summary>
    /// <param name="target">The parameter.</param>
    /// <param name="message">What is wrong with it.</param>
    public static ArmException InvalidParameter(string target, string message) => new(400, "InvalidParameter", message, target);

    /// <summary>The state of a resource does not allow it.</summary>
    /// <param name="message">Why.</param>
    public static ArmException NotAllowed(string message) => new(409, "OperationNotAllowed", message);

    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["code"] = Code, ["message"] = Message };
        if (Target is not null)
        {
            json["target"] = Target;
        }

        if (Details.Count > 0)
        {
            json["details"] = new JsonArray([.. Details.Select(detail => new JsonObject { ["code"] = detail.Code, ["message"] = detail.Message })]);
        }

        return json;
    }

    private static ArmException Gateway(string code, string message) =>
        new(404, code, message) { Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["x-ms-failure-cause"] = "gateway" } };
}
