using StatefulDeploy.Benchmarks.Results;

namespace StatefulDeploy.Benchmarks;

/// <summary>One thing that is measured.</summary>
public interface IBenchmark
{
    /// <summary>Its name on the command line and in the results.</summary>
    string Name { get; }

    /// <summary>What it measures, in a sentence.</summary>
    string Title { get; }

    /// <summary>Why it cannot run on this machine, or null.</summary>
    string? WhyNot { get; }

    /// <summary>Measures.</summary>
    /// <param name="arguments">How much.</param>
    /// <returns>A line as soon as its figures are there.</returns>
    IAsyncEnumerable<ResultLine> RunAsync(Arguments arguments);
}
