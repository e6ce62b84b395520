namespace StatefulDeploy.Help;

/// <summary>A parameter of a cmdlet as it is compiled, in one of its parameter sets.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Set">The parameter set.</param>
/// <param name="IsMandatory">Whether it must be given.</param>
/// <param name="Position">Its position; null when it must be named.</param>
/// <param name="FromPipeline">Whether it takes the pipeline's object.</param>
/// <param name="FromPipelineByName">Whether it takes the property of its name of the pipeline's object.</param>
/// <param name="Aliases">Its other names.</param>
/// <param name="HasWildcards">Whether it takes wildcards.</param>
/// <param name="HasCompleter">Whether Tab completes it.</param>
internal sealed record ParameterShape(
    string Name,
    Type Type,
    string Set,
    bool IsMandatory,
    int? Position,
    bool FromPipeline,
    bool FromPipelineByName,
    IReadOnlyList<string> Aliases,
    bool HasWildcards,
    bool HasCompleter)
{
    /// <summary>The name of the set that stands for all.</summary>
    public const string AllSets = "__AllParameterSets";

    /// <summary>The type that a value has: what is inside a nullable, of enumerations their name.</summary>
    public Type ValueType => Nullable.GetUnderlyingType(Type) ?? Type;

    /// <summary>Whether it is a switch.</summary>
    public bool IsSwitch => Type.Name == "SwitchParameter";

    /// <summary>How it takes the pipeline, in the words of help.</summary>
    public string PipelineInput => (FromPipeline, FromPipelineByName) switch
    {
        (true, true) => "true (ByValue, ByPropertyName)",
        (true, false) => "true (ByValue)",
        (false, true) => "true (ByPropertyName)",
        _ => "false",
    };
}
