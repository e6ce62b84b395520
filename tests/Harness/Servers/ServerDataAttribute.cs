using System.Reflection;
using Xunit.Sdk;

namespace StatefulDeploy.Harness.Servers;

/// <summary>
/// A row of a theory. Every text in it that names a server of the <see cref="ServerCatalog"/> is a server the row needs; the row
/// alone is skipped, with the reason, where one is missing.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ServerDataAttribute : DataAttribute
{
    private readonly object[] _row;

    /// <param name="row">The arguments of the test.</param>
    public ServerDataAttribute(params object[] row)
    {
        _row = row;
        Skip = ServerCatalog.WhyMissing(row.OfType<string>().Where(ServerCatalog.Knows));
    }

    /// <summary>The arguments of the test.</summary>
    public IReadOnlyList<object> Row => _row;

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [_row];
}
