namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads a program with its arguments.</summary>
internal static class CommandLine
{
    public static IReadOnlyList<string> Read(YamlValue value)
    {
        var words = value.Texts();
        return [ServicePaths.ResolveProgram(value.Place.File, words[0]), .. words.Skip(1)];
    }
}
