namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>Where clients ask how an operation stands.</summary>
internal static class OperationRoutes
{
    public static void Add(ArmRoutes routes, AzureCloud cloud)
    {
        foreach (var protocol in new[] { OperationProtocol.Compute, OperationProtocol.Disks, OperationProtocol.Network, OperationProtocol.PrivateDns })
        {
            routes.On("GET", $"{protocol.Provider}/locations/*/{protocol.Kind}/*", call => call.Request.Query.ContainsKey("monitor") ? Result(cloud, call) : Status(cloud, call));
            if (protocol.ResultKind != protocol.Kind)
            {
                routes.On("GET", $"{protocol.Provider}/locations/*/{protocol.ResultKind}/*", call => Result(cloud, call));
            }
        }
    }

    private static ArmAnswer Status(AzureCloud cloud, ArmCall call)
    {
        var operation = Find(cloud, call);
        var answer = new ArmAnswer(200, operation.Protocol.Tell(operation)).With("x-ms-operation-identifier", operation.Identifier);
        if (operation.Protocol == OperationProtocol.Compute)
        {
            answer.With("x-ms-need-to-refresh-epl-cache", "False");
        }

        return operation.Running ? answer.With("Retry-After", cloud.Options.RetryAfter) : answer;
    }

    // Under Location: 202 until it is done, then what it made, or its error.
    private static ArmAnswer Result(AzureCloud cloud, ArmCall call)
    {
        var operation = Find(cloud, call);
        if (operation.Running)
        {
            var request = call.Request;
            var query = string.Join('&', request.Query.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));
            return new ArmAnswer(202).With("Location", $"{call.Origin}{request.Path}?{query}").With("Retry-After", cloud.Options.RetryAfter);
        }

        return operation.Error is { } error ? throw error : operation.Output is { } output ? new ArmAnswer(200, output.DeepClone()) : new ArmAnswer(operation.Protocol.Detailed ? 200 : 204);
    }

    private static ArmOperation Find(AzureCloud cloud, ArmCall call) => cloud.Operations.Find(call.Request.Target.Name)
        ?? throw new ArmException(404, "NotFound", $"The operation '{call.Request.Target.Name}' is not found.");
}
