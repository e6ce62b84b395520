namespace StatefulDeploy.Journal;

/// <summary>A place of journals as a person names it: a folder or the address of a shared one.</summary>
public static class JournalPlace
{
    /// <summary>Whether it is an address and not a path.</summary>
    public static bool IsAddress(string place) => place.Contains("://", StringComparison.Ordinal);

    /// <summary>The place, if it is a folder with its full path.</summary>
    /// <param name="place">As it was named; null when it was not.</param>
    /// <param name="fullPath">Makes a path full.</param>
    public static string? Resolve(string? place, Func<string, string> fullPath) => place is null || IsAddress(place) ? place : fullPath(place);
}
