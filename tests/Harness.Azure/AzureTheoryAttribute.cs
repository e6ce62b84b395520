using Xunit;

namespace StatefulDeploy.Harness.Azure;

/// <summary>A theory on the simulator. Where Azure's OpenAPI files are missing it is reported as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AzureTheoryAttribute : TheoryAttribute
{
    public AzureTheoryAttribute() => Skip = AzureData.WhyMissing;
}
