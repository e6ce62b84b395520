namespace StatefulDeploy.Model;

/// <summary>How green's virtual machines are to look. What is left out is as the blue machine has it that each of them stands in for.</summary>
public sealed record AzureGreenDescription
{
    /// <summary>The image with the new version: the id of an image or of a gallery's image version, or <c>publisher:offer:sku:version</c>; null for blue's.</summary>
    public string? Image { get; init; }

    /// <summary>The size; null for blue's.</summary>
    public string? Size { get; init; }

    /// <summary>A JSON file with <c>virtualMachine</c> and <c>networkInterface</c> as Resource Manager takes them, instead of blue's shape; null for none.</summary>
    public string? TemplateFile { get; init; }

    /// <summary>A file of cloud-init that a machine runs when it first starts; null for none. Azure keeps it where administrators can read it: no secret belongs into it.</summary>
    public string? CloudInitFile { get; init; }
}
