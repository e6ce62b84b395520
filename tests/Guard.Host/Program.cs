using StatefulDeploy.Guard;
using StatefulDeploy.Guard.Host;

var platform = new WirePlatform();
switch (args[0])
{
    case "guard":
        return await GuardProgram.RunAsync(GuardOptions.Parse(args[1..]), platform, CancellationToken.None);
    case "operator":
        await new Operator(platform, args[1], args[2]).RunAsync();
        return 0;
    default:
        return 2;
}
