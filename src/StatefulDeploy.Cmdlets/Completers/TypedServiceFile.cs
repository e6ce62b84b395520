using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>The service file that a command line being typed is about.</summary>
internal static class TypedServiceFile
{
    /// <summary>The file given to this command, or to the first one of its pipeline.</summary>
    public static string? Find(CommandAst command, IDictionary bound)
    {
        var typed = bound["Path"] as string ?? (command.Parent as PipelineAst)?.PipelineElements
            .OfType<CommandAst>()
            .SelectMany(element => element.CommandElements.Skip(1).OfType<StringConstantExpressionAst>())
            .Select(word => word.Value)
            .FirstOrDefault(word => word.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || word.EndsWith(".yml", StringComparison.OrdinalIgnoreCase));
        if (typed is null)
        {
            return null;
        }

        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddCommand("Microsoft.PowerShell.Management\\Convert-Path").AddParameter("LiteralPath", typed).Invoke<string>().FirstOrDefault();
    }
}
