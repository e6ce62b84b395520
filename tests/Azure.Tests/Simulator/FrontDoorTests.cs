using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Compute;
using static StatefulDeploy.Harness.Azure.AzureStage;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>What stands before every resource: certificate, token, rights, scope, limits, pages; and what may be had.</summary>
public sealed class FrontDoorTests : SimulatorTest
{
    protected override AzureOptions Options => new()
    {
        PageSize = 3,
        RegionalCores = 5,
        Limits = [.. ThrottlePolicy.Documented, new ThrottlePolicy("Microsoft.Compute/HighCostGet", "GET Microsoft.Compute/skus", PerResource: false, 2, 1)],
        Sizes = [.. MachineSize.Usual.Select(size => size.Name == "Standard_E4s_v5" ? size with { Zones = ["1"] } : size)],
    };

    [AzureFact]
    public async Task Only_whoever_trusts_its_authority_talks_to_it()
    {
        using var stranger = new HttpClient();
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync(Simulator.Endpoint));
        Assert.IsType<AuthenticationException>(refused.InnerException);
    }

    [AzureFact]
    public async Task A_request_needs_a_token_that_was_issued()
    {
        using var client = new HttpClient(AzureCaller.Trusting(Simulator)) { BaseAddress = Simulator.Endpoint };
        var path = $"/subscriptions/{AzureSimulator.Subscription}/resourcegroups/service?api-version=2022-09-01";
        Assert.Equal(401, (int)(await client.GetAsync(path)).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "made up");
        Assert.Equal(401, (int)(await client.GetAsync(path)).StatusCode);
        foreach (var token in new[] { await ByClientAsync(client, AzureSimulator.Secret), await ByIdentityAsync(client) })
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            Assert.Equal(200, (int)(await client.GetAsync(path)).StatusCode);
        }

        Assert.Null(await ByClientAsync(client, "a wrong secret"));
    }

    [AzureFact]
    public async Task A_right_that_is_lacking_is_named()
    {
        await Azure.MakeDiskAsync("data");
        Simulator.Rights.Deny("Microsoft.Compute/disks/delete");
        var refused = await Azure.SendAsync("DELETE", Disk("data"));
        Assert.Equal((403, "AuthorizationFailed"), (refused.Status, refused.ErrorCode));
        Assert.Contains("'Microsoft.Compute/disks/delete'", refused.Body!["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        var permissions = await Azure.GetAsync("Microsoft.Authorization/permissions");
        Assert.Equal("Microsoft.Compute/disks/delete", permissions!["value"]![0]!["notActions"]![0]!.GetValue<string>());
        Simulator.Rights.Allow("Microsoft.Compute/disks/delete");
        await Azure.DoAsync("DELETE", Disk("data"));
    }

    [AzureFact]
    public async Task A_wrong_subscription_or_group_is_told()
    {
        var path = "/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups/service/providers/Microsoft.Compute/disks";
        Assert.Equal("SubscriptionNotFound", (await Azure.SendAsync("GET", path)).ErrorCode);
        using var elsewhere = Simulator.Caller("elsewhere");
        Assert.Equal("ResourceGroupNotFound", (await elsewhere.SendAsync("GET", "Microsoft.Compute/disks")).ErrorCode);
    }

    [AzureFact]
    public async Task A_machine_is_changed_twelve_times_before_it_is_throttled_and_what_is_left_is_told()
    {
        await Azure.MakeMachineAsync("blue", null, "Standard_D2s_v5");
        AzureReply reply;
        var left = new List<string>();
        do
        {
            reply = await Azure.SendAsync("PATCH", Machine("blue"), new JsonObject());
            left.AddRange(reply.Headers.GetValueOrDefault(ThrottlePolicy.ResourceHeader, []).Where(header => header.StartsWith("Microsoft.Compute/UpdateVMResource;", StringComparison.Ordinal)));
        }
        while (reply.Status == 200);

        Assert.Equal((429, "TooManyRequests", "15"), (reply.Status, reply.ErrorCode, reply.Header("Retry-After")));
        Assert.Equal(11, left.Count);
        Assert.Equal("Microsoft.Compute/UpdateVMResource;0", left[^1]);
    }

    [AzureFact]
    public async Task What_is_asked_too_often_is_refused_with_retry_after()
    {
        var path = $"/subscriptions/{AzureSimulator.Subscription}/providers/Microsoft.Compute/skus";
        Assert.Equal("Microsoft.Compute/HighCostGet;1", (await Azure.SendAsync("GET", path)).Header(ThrottlePolicy.ResourceHeader));
        Assert.Equal(200, (await Azure.SendAsync("GET", path)).Status);
        var refused = await Azure.SendAsync("GET", path);
        Assert.Equal((429, "60"), (refused.Status, refused.Header("Retry-After")));
    }

    [AzureFact]
    public async Task A_list_comes_in_pages()
    {
        foreach (var number in Enumerable.Range(0, 7))
        {
            await Azure.MakeDiskAsync(FormattableString.Invariant($"d{number}"));
        }

        var pages = 0;
        var names = new List<string>();
        for (string? next = "Microsoft.Compute/disks"; next is not null; pages++)
        {
            var page = (await Azure.SendAsync("GET", next)).Body!;
            names.AddRange(page["value"]!.AsArray().Select(disk => disk!["name"]!.GetValue<string>()));
            next = page["nextLink"]?.GetValue<string>();
        }

        Assert.Equal(3, pages);
        Assert.Equal(Enumerable.Range(0, 7).Select(number => FormattableString.Invariant($"d{number}")), names.Order(StringComparer.Ordinal));
    }

    [AzureFact]
    public async Task What_can_be_had_is_told_and_what_cannot_is_refused()
    {
        var skus = (await Azure.SendAsync("GET", $"/subscriptions/{AzureSimulator.Subscription}/providers/Microsoft.Compute/skus?$filter=location eq 'eastus2'")).Body!["value"]!.AsArray();
        Assert.Contains(skus[0]!["capabilities"]!.AsArray(), capability => capability!["name"]!.GetValue<string>() == "MaxDataDiskCount" && capability["value"]!.GetValue<string>() == "4");

        await Azure.MakeMachineAsync("one", null, "Standard_D4s_v5");
        Assert.Equal("OperationNotAllowed", await CodeAsync("two", null, "Standard_D2s_v5"));
        Assert.Equal("SkuNotAvailable", await CodeAsync("two", null, "Standard_M8ms"));
        Assert.Equal("SkuNotAvailable", await CodeAsync("two", "2", "Standard_E4s_v5"));
        Assert.Equal("InvalidParameter", await CodeAsync("two", null, "Standard_Imagined"));
        var usages = (await Azure.SendAsync("GET", $"/subscriptions/{AzureSimulator.Subscription}/providers/Microsoft.Compute/locations/{Location}/usages")).Body!["value"]!.AsArray();
        Assert.Equal((4, 5), (usages[0]!["currentValue"]!.GetValue<int>(), usages[0]!["limit"]!.GetValue<int>()));
    }

    [AzureFact]
    public async Task The_products_requests_are_counted_and_the_stages_are_not()
    {
        using var client = new HttpClient(AzureCaller.Trusting(Simulator)) { BaseAddress = Simulator.Endpoint };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Simulator.IssueToken());
        await client.GetAsync(new Uri(Simulator.Endpoint, $"{Azure.Id(Disk("d"))}?api-version=2023-10-02"));
        var request = Assert.Single(Simulator.Requests);
        Assert.Equal(("GET", "Disks_Get", 404), (request.Method, request.Operation, request.Status));
    }

    private async Task<string?> CodeAsync(string name, string? zone, string size) => (await Azure.SendAsync("PUT", Machine(name), Bodiless(name, zone, size))).ErrorCode;

    // Without its interface, which is not what is asked here.
    private JsonObject Bodiless(string name, string? zone, string size)
    {
        var body = Azure.MachineBody(name, zone, size);
        body["properties"]!.AsObject().Remove("networkProfile");
        return body;
    }

    private static async Task<string?> ByClientAsync(HttpClient client, string secret)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = "app", ["client_secret"] = secret, ["scope"] = "https://localhost/.default" });
        using var answer = await client.PostAsync($"/{AzureSimulator.Tenant}/oauth2/v2.0/token", form);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["access_token"]?.GetValue<string>();
    }

    private static async Task<string?> ByIdentityAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://localhost");
        request.Headers.Add("Metadata", "true");
        using var answer = await client.SendAsync(request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["access_token"]?.GetValue<string>();
    }
}
