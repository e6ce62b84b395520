namespace StatefulDeploy.Contracts;

/// <summary>Where a router sends requests now.</summary>
/// <param name="WriteTarget">The endpoint that gets writes.</param>
/// <param name="ReadTarget">The endpoint that gets reads.</param>
/// <param name="Holding">Whether writes are held.</param>
/// <param name="Epoch">The highest epoch that it has seen.</param>
/// <param name="Sessions">Clients connected.</param>
/// <param name="HeldRequests">Requests held at this moment.</param>
public sealed record RouterStatus(string WriteTarget, string ReadTarget, bool Holding, long Epoch, int Sessions, long HeldRequests);
