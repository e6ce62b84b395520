namespace StatefulDeploy.Verification;

/// <summary>A name of the user's as part of a file name.</summary>
internal static class FileName
{
    internal static string Of(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.');
}
