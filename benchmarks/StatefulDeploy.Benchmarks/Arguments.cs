using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StatefulDeploy.Benchmarks;

/// <summary>What was asked for.</summary>
public sealed record Arguments
{
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>How many connections write, one run each.</summary>
    public IReadOnlyList<int> Clients { get; init; } = [1, 16, 64, 1000];

    /// <summary>Switches a number of connections.</summary>
    public int Switches { get; init; } = 20;

    /// <summary>Writes a second and client, instead of what suits the number of clients; 0 for as many as go.</summary>
    public int? Rate { get; init; }

    /// <summary>Requests of one throughput round.</summary>
    public int Requests { get; init; } = 200_000;

    /// <summary>Rounds whose median counts; the sides take turns.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>How much data a server is filled with, one run each.</summary>
    public IReadOnlyList<int> Megabytes { get; init; } = [10, 100, 1024, 4096];

    /// <summary>How long operations of the simulated Azure take: 1 is as long as they do there.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Where the results go.</summary>
    public string Results { get; init; } = "benchmarks/results";

    public static bool TryParse(IReadOnlyList<string> args, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? wrong)
    {
        arguments = null;
        var parsed = new Arguments();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = (args[i], i + 1 < args.Count ? args[i + 1] : null);
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                parsed = parsed with { Names = [.. parsed.Names, name] };
                continue;
            }

            i++;
            if (value is null || parsed.With(name, value) is not { } next)
            {
                wrong = $"{name} {value}: not understood.";
                return false;
            }

            parsed = next;
        }

        arguments = parsed;
        wrong = null;
        return true;
    }

    private Arguments? With(string name, string value) => name switch
    {
        "--results" => this with { Results = value },
        "--clients" when Numbers(value) is { } clients => this with { Clients = clients },
        "--switches" when Numbers(value) is [var switches] => this with { Switches = switches },
        "--rate" when value == "0" => this with { Rate = 0 },
        "--rate" when Numbers(value) is [var rate] => this with { Rate = rate },
        "--requests" when Numbers(value) is [var requests] => this with { Requests = requests },
        "--megabytes" when Numbers(value) is { } megabytes => this with { Megabytes = megabytes },
        "--scale" when double.TryParse(value, CultureInfo.InvariantCulture, out var scale) && scale > 0 => this with { Scale = scale },
        "--rounds" when Numbers(value) is [var rounds] => this with { Rounds = rounds },
        _ => null,
    };

    private static int[]? Numbers(string value)
    {
        var parts = value.Split(',');
        var numbers = parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        return numbers.All(number => number > 0) ? numbers : null;
    }
}
