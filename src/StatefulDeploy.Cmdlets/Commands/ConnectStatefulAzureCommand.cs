using System.Management.Automation;
using StatefulDeploy.Cmdlets.Bridge;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Loading;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Signs this session in to Azure, for services whose file names no way to sign in.</summary>
[Cmdlet(VerbsCommunications.Connect, "StatefulAzure", SupportsShouldProcess = true)]
[OutputType(typeof(AzureConnection))]
public sealed class ConnectStatefulAzureCommand : AsyncCommand
{
    /// <summary>The file of a service, whose cloud, tenant and subscription are meant.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ArgumentCompleter(typeof(ServiceFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The way to sign in; the service's, or whatever is there, when left out.</summary>
    [Parameter]
    public AzureCredentialKind Kind { get; set; }

    /// <summary>The application, or the user-assigned managed identity.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ClientId { get; set; }

    /// <summary>The file with the application's certificate and key, PEM or PFX without a password.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateFile { get; set; }

    /// <summary>The tenant.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Tenant { get; set; }

    /// <summary>The subscription that must be seen.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Subscription { get; set; }

    /// <summary>The cloud: public, usgov, china, or a custom one by any other name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <summary>A custom cloud's Resource Manager.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Endpoint { get; set; }

    /// <summary>Who signs in to a custom cloud.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Authority { get; set; }

    /// <summary>Whom a custom cloud's tokens are for.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Audience { get; set; }

    /// <summary>The certificate authority file of a custom cloud.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CaFile { get; set; }

    /// <summary>Signs in for one service, or for none.</summary>
    protected override void ProcessRecord()
    {
        var cloud = Environment ?? Path ?? "public";
        if (ShouldProcess($"Signing this session in to Azure ({cloud}).", $"Sign this session in to Azure ({cloud})?", "StatefulDeploy"))
            WriteObject(Run(cloud, (reporter, cancellation) => Product.Azure.ConnectAsync(CreateRequest(), reporter, cancellation)));
    }

    private AzureConnectionRequest CreateRequest() => new()
    {
        Path = Full(Path),
        Credential = new AzureCredentialDescription { Kind = Kind, ClientId = ClientId, CertificateFile = Full(CertificateFile) },
        Environment = Environment,
        Endpoint = Endpoint,
        Authority = Authority,
        Audience = Audience,
        CaFile = Full(CaFile),
        Tenant = Tenant,
        Subscription = Subscription,
    };

    private string? Full(string? path) => path is null ? null : FullPath(path);
}
