using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>The arguments of a process that only the product itself starts: <c>--name value</c> pairs.</summary>
internal static class OwnArguments
{
    /// <summary>A value by name; null when it is not there.</summary>
    public static string? Find(IReadOnlyList<string> arguments, string name)
    {
        for (var index = 0; index + 1 < arguments.Count; index += 2)
        {
            if (arguments[index] == name)
                return arguments[index + 1];
        }

        return null;
    }

    /// <summary>A value by name.</summary>
    /// <exception cref="UpgradeException">It is not there.</exception>
    public static string Get(IReadOnlyList<string> arguments, string name) => Find(arguments, name) ?? throw new UpgradeException(
        "ArgumentMissing", $"{name} VALUE is missing.", "This process is started by the product itself.", FailureCategory.InvalidInput) { Target = name };
}
