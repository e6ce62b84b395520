using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Session;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Tests.Session;

/// <summary>Who is signed in, and what is left.</summary>
public sealed class AzureOperationsTests : ServiceTest
{
    [AzureFact]
    public async Task What_the_machines_have_left_is_told_those_that_are_to_be_made_with_them()
    {
        await Azure.MakeDiskAsync("data", zone: "2");
        await Azure.MakeMachineAsync("blue", zone: "2", disks: "data");
        var service = SignedIn(Service(Volume("data")));
        service = service with { Azure = service.Azure! with { Green = new AzureGreenDescription { Size = "Standard_E4s_v5" } } };
        var found = await new AzureOperations(_ => service).GetCapacityAsync(new UpgradeRequest { Path = service.Path }, this, default);

        Assert.Equal(["blue", "green"], found.Select(one => one.Host));
        var (blue, green) = (found[0], found[1]);
        Assert.Equal((true, ClusterColour.Blue, "Standard_D4s_v5", "2", 8, 1, 7), (blue.Exists, blue.Colour, blue.Size, blue.Zone, blue.MaxDataDisks, blue.LunsUsed, blue.LunsLeft));
        Assert.Equal((false, ClusterColour.Green, "Standard_E4s_v5", "2", 0), (green.Exists, green.Colour, green.Size, green.Zone, green.LunsUsed));
        Assert.Equal(["standardESv5Family", "cores"], green.Quotas.Select(quota => quota.Name));
        Assert.Equal(green.Quotas.Min(quota => quota.Left), green.ProcessorsLeft);
        Assert.Equal(["1", "2", "3"], green.SizeZones);
        Assert.True(green.PremiumStorage && green.UltraDisks && green.AcceleratedNetworking);
        Assert.Null(green.Restriction);
        Assert.Empty(Changes());
    }

    [AzureFact]
    public async Task A_machine_that_is_not_there_and_not_to_be_made_is_named()
    {
        await Azure.MakeMachineAsync("blue");
        var service = SignedIn(Service());
        var error = await Assert.ThrowsAsync<UpgradeException>(() => new AzureOperations(_ => service).GetCapacityAsync(new UpgradeRequest { Path = service.Path }, this, default));
        Assert.Equal("MachineNotFound", error.ErrorId);
        Assert.Contains("virtualMachines/green", error.Message, StringComparison.Ordinal);
    }

    [AzureFact]
    public void A_session_holds_for_its_cloud_and_tenant()
    {
        var environment = AzureEnvironment.Of(Described());
        Assert.Null(AzureSession.Find(environment, "one"));
        var (one, two) = (new SimulatorCredential(Simulator), new SimulatorCredential(Simulator));
        AzureSession.Keep(environment, "one", one);
        AzureSession.Keep(environment, "two", two);
        Assert.Same(one, AzureSession.Find(environment, "ONE"));
        Assert.Same(two, AzureSession.Find(environment, null));
        Assert.Null(AzureSession.Find(environment, "three"));
        Assert.Null(AzureSession.Find(AzureEnvironment.Of(Described() with { Endpoint = "https://elsewhere.example" }), null));
    }

    [Fact]
    public void What_a_token_tells_is_shown_and_no_token_is_trusted()
    {
        Assert.Equal(new TokenClaims("ada@contoso.example", "t-1"), TokenClaims.Of(Token("""{"upn":"ada@contoso.example","tid":"t-1"}""")));
        Assert.Equal(new TokenClaims("app-1", string.Empty), TokenClaims.Of(Token("""{"appid":"app-1","oid":"o-1"}""")));
        Assert.All(new[] { "opaque", "a.b.c", $"a.{Convert.ToBase64String("[1]"u8)}.c", string.Empty }, token => Assert.Equal(new TokenClaims(string.Empty, string.Empty), TokenClaims.Of(token)));
    }

    private static string Token(string claims) => $"e30.{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(claims)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.sig";

    private ServiceDescription SignedIn(ServiceDescription service)
    {
        AzureSession.Keep(AzureEnvironment.Of(service.Azure!), null, new SimulatorCredential(Simulator));
        return service;
    }
}
