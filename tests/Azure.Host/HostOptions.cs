using System.Globalization;
using System.Net;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Host;

/// <summary>What is started.</summary>
internal sealed record HostOptions
{
    public const string Usage = """
        Azure.Host [--service] [--scale NUMBER] [--listen ADDRESS] [--port NUMBER]

        Starts a simulator of Azure Resource Manager, and tells in one line of JSON where it is and how one signs in.

          --service   with a live Redis 7.0 of three nodes under load on six virtual machines, whose data is on managed disks (root)
          --scale     how long operations take: 1 is as long as Azure does; by default as good as nothing
          --listen    an address of this machine, and not with --service; by default the loopback
          --port      a port, and not a free one

        Lines on standard input:  fault NAME [RESOURCE [TIMES]]  |  lift  |  stop
        At the end of the input, too, it stops, and tells in one line of JSON what it saw. Its exit code is 1 if that was not as it must be, and 3 if something
        that it needs is not on this machine.
        """;

    /// <summary>Whether a live service is on its machines.</summary>
    public bool Service { get; private init; }

    /// <summary>How the simulator is set up.</summary>
    public AzureOptions Azure { get; private init; } = new();

    /// <summary>Reads a command line.</summary>
    /// <exception cref="FormatException">It is wrong; the message says what.</exception>
    public static HostOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new HostOptions();
        for (var at = 0; at < arguments.Count; at++)
        {
            options = arguments[at] switch
            {
                "--service" => options with { Service = true },
                "--scale" => options with { Azure = options.Azure with { Delays = AzureDelays.Realistic(double.Parse(Value(arguments, ++at), CultureInfo.InvariantCulture)) } },
                "--listen" => options with { Azure = options.Azure with { Address = IPAddress.Parse(Value(arguments, ++at)) } },
                "--port" => options with { Azure = options.Azure with { Port = int.Parse(Value(arguments, ++at), CultureInfo.InvariantCulture) } },
                _ => throw new FormatException($"'{arguments[at]}' is no option."),
            };
        }

        return options;
    }

    private static string Value(IReadOnlyList<string> arguments, int at) => at < arguments.Count ? arguments[at] : throw new FormatException($"{arguments[at - 1]} needs a value.");
}
