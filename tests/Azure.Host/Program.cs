using StatefulDeploy.Azure.Host;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Servers;

HostOptions options;
try
{
    options = HostOptions.Parse(args);
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"{wrong.Message}\n\n{HostOptions.Usage}");
    return 2;
}

if ((AzureData.WhyMissing ?? (options.Service ? ServerCatalog.WhyMissing(["fleet", "volumes", "redis-7.0", "redis-8.0"]) : null)) is { } missing)
{
    Console.Error.WriteLine(missing);
    return 3;
}

await using var stage = new Stage();
Console.WriteLine((await stage.StartAsync(options)).ToJsonString());
while (await Console.In.ReadLineAsync() is { } line && line != "stop")
{
    var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    try
    {
        switch (words)
        {
            case ["fault", _, ..]:
                stage.Inject(words[1..]);
                break;
            case ["lift"]:
                stage.Lift();
                break;
            default:
                throw new FormatException($"'{line}' is none of: fault NAME [RESOURCE [TIMES]], lift, stop.");
        }
    }
    catch (Exception wrong) when (wrong is FormatException or ArgumentException)
    {
        Console.Error.WriteLine(wrong.Message);
    }
}

var verdict = await stage.JudgeAsync();
Console.WriteLine(verdict.ToJsonString());
return verdict["clean"]!.GetValue<bool>() ? 0 : 1;
