namespace StatefulDeploy.Contracts;

/// <summary>Compares the data of two clusters logically, whatever their versions.</summary>
public interface IDataComparer
{
    /// <summary>Compares everything. Differences are looked at again after catching up, so that a change under way is none.</summary>
    /// <param name="context">The two clusters.</param>
    /// <param name="options">How much, how fast, and where to go on.</param>
    /// <param name="cancellationToken">Stops it; it can be resumed from the last checkpoint.</param>
    Task<ComparisonResult> CompareAsync(EngineContext context, ComparisonOptions options, CancellationToken cancellationToken);
}
