using StatefulDeploy.Guard;
using StatefulDeploy.Guard.Host;

string Argument(string name) => args[Array.IndexOf(args, name) + 1];

var platform = new WirePlatform();
switch (args[0])
{
    case "guard":
        return await GuardProgram.RunAsync(new GuardOptions(Argument("--service-file"), Argument("--guard-directory")), platform, CancellationToken.None);
    case "operator":
        await new Operator(platform, args[1], args[2]).RunAsync();
        return 0;
    default:
        return 2;
}
