using StatefulDeploy.Contracts;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>A spot in a service file: every complaint names all three.</summary>
/// <param name="File">The full path of the file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Key">The key with those above it, such as <c>nodes[1].endpoint</c>; empty for the file as a whole.</param>
internal sealed record YamlPlace(string File, long Line, string Key)
{
    /// <summary>A complaint about this spot.</summary>
    public UpgradeException Error(string errorId, string problem, string recommendedAction, FailureCategory category = FailureCategory.InvalidInput, Exception? inner = null)
    {
        var key = Key.Length == 0 ? string.Empty : $" {Key}:";
        return new UpgradeException(errorId, $"{File}:{Line}:{key} {problem}", recommendedAction, category, inner) { Target = Key.Length == 0 ? File : Key };
    }
}
