namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>Whose words are held to a schema.</summary>
public enum Direction
{
    /// <summary>The client's: it need not send what only the service sets.</summary>
    Request,

    /// <summary>The service's.</summary>
    Response,
}
