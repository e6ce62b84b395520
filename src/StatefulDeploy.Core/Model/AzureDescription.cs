namespace StatefulDeploy.Model;

/// <summary>Where on Azure a service's machines are, and how it is signed in there. Holds no secret.</summary>
public sealed record AzureDescription
{
    /// <summary>The cloud: <c>public</c>, <c>usgov</c>, <c>china</c>, or a custom one by any other name (Azure Stack Hub).</summary>
    public string Environment { get; init; } = "public";

    /// <summary>A custom cloud's Resource Manager, as an https address.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Who signs in to a custom cloud, as an https address.</summary>
    public string? Authority { get; init; }

    /// <summary>Whom a custom cloud's tokens are for.</summary>
    public string? Audience { get; init; }

    /// <summary>The certificate authority file of a custom cloud; null for the system's own.</summary>
    public string? CaFile { get; init; }

    /// <summary>The version of the API of virtual machines; null for the newest that the cloud is known to have.</summary>
    public string? ComputeApiVersion { get; init; }

    /// <summary>The subscription, a GUID.</summary>
    public required string Subscription { get; init; }

    /// <summary>The resource group of what is named and not told with a whole id.</summary>
    public required string ResourceGroup { get; init; }

    /// <summary>The tenant that signs in; null for the credential's own.</summary>
    public string? Tenant { get; init; }

    /// <summary>How it is signed in.</summary>
    public AzureCredentialDescription Credential { get; init; } = new();

    /// <summary>The virtual machine of each host, by its name or id; a host that is not among them is the machine of the host's own name.</summary>
    public IReadOnlyDictionary<string, string> Machines { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How green's machines are to look; null when they are there already.</summary>
    public AzureGreenDescription? Green { get; init; }

    /// <summary>How long a detachment is waited for. Forced detachment, where it was consented to, comes only after it.</summary>
    public TimeSpan DetachPatience { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Whether an incremental snapshot of a disk is taken when it has been detached, before it is attached elsewhere.</summary>
    public bool SnapshotBeforeMove { get; init; }
}
