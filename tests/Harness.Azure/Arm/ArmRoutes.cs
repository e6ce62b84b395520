namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>What answers which request.</summary>
internal sealed class ArmRoutes
{
    private readonly Dictionary<(string Method, string Route), Func<ArmCall, ArmAnswer>> _routes = [];

    /// <summary>Adds an answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="route">Provider, types and actions, with <c>*</c> for names; see <see cref="ResourcePath.Route"/>.</param>
    /// <param name="answer">Answers, under the store's gate.</param>
    public void On(string method, string route, Func<ArmCall, ArmAnswer> answer) => _routes[(method, route.ToLowerInvariant())] = answer;

    /// <summary>Answers.</summary>
    public ArmAnswer Answer(ArmCall call)
    {
        var request = call.Request;
        return _routes.TryGetValue((request.Method, request.Target.Route), out var answer)
            ? answer(call)
            : throw new ArmException(404, "InvalidResourceType", $"The resource type '{request.Target.Type}' could not be found in the namespace '{request.Target.Provider}' for api version '{request.ApiVersion}'.");
    }
}
