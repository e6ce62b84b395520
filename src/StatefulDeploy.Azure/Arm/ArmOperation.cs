namespace StatefulDeploy.Azure.Arm;

/// <summary>Something that Azure has begun and that goes on without us. It can be written down, and waited for in another process.</summary>
/// <param name="Address">Where its state is asked for.</param>
/// <param name="Kind">What is found there.</param>
/// <param name="Subject">The resource that it is about.</param>
/// <param name="What">What it does, for people.</param>
/// <param name="StartedAt">When it was begun.</param>
internal sealed record ArmOperation(string Address, ArmOperationKind Kind, string Subject, string What, DateTimeOffset StartedAt)
{
    /// <summary>The operation that an answer tells of; null when what was asked for is done.</summary>
    public static ArmOperation? Of(ArmAnswer answer, string what, DateTimeOffset now)
    {
        var subject = answer.Request.Subject;
        if (answer.Header("Azure-AsyncOperation") is { } operation)
            return new ArmOperation(operation, ArmOperationKind.Operation, subject, what, now);
        if (answer.Status is 201 or 202 && answer.Header("Location") is { } location)
            return new ArmOperation(location, ArmOperationKind.Location, subject, what, now);

        // Some resources tell neither, and only their state says that it goes on.
        return answer.Body is { } body && new ArmResource(body, null).ProvisioningState is { Length: > 0 } state && !ArmOperations.IsFinal(state)
            ? new ArmOperation(answer.Request.Address, ArmOperationKind.Resource, subject, what, now)
            : null;
    }

    /// <summary>For people.</summary>
    public override string ToString() => $"{What} ({Subject}), begun {StartedAt:u}";
}
