using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Arm;

/// <summary>
/// Speaks to Azure Resource Manager: any type and version, JSON kept with all that we do not know, ETags, pages, long operations.
/// An error is an answer, and is thrown only where the caller asks for that.
/// </summary>
internal sealed class ArmClient
{
    private readonly HttpPipeline _pipeline;

    public ArmClient(AzureEnvironment environment, TokenCredential credential, ArmPace pace, TimeProvider clock, HttpPipelineTransport? transport = null)
    {
        Environment = environment;
        Pace = pace;
        Clock = clock;
        var options = new ArmClientOptions { RetryPolicy = new PatiencePolicy(Budget, pace, clock) };
        if (transport is not null)
            options.Transport = transport;
        _pipeline = HttpPipelineBuilder.Build(options, [], [new QuotaPolicy(Budget, pace, clock), new TokenPolicy(credential, environment.Scope, clock)], null);
    }

    /// <summary>The cloud.</summary>
    public AzureEnvironment Environment { get; }

    /// <summary>How fast, and how long.</summary>
    public ArmPace Pace { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; }

    /// <summary>What was asked so far.</summary>
    public RequestBudget Budget { get; } = new();

    /// <summary>A resource; null when there is none.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="query">What is added to the address, such as <c>$expand=instanceView</c>; empty for nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UpgradeException">It cannot be read.</exception>
    public async Task<ArmResource?> FindAsync(ResourceId id, CancellationToken cancellationToken, string query = "")
    {
        var answer = await SendAsync(Request(RequestMethod.Get, id, query: query), cancellationToken);
        return answer.IsMissing ? null : answer.Resource();
    }

    /// <summary>A resource.</summary>
    /// <exception cref="UpgradeException">There is none, or it cannot be read.</exception>
    public async Task<ArmResource> GetAsync(ResourceId id, CancellationToken cancellationToken, string query = "") =>
        (await SendAsync(Request(RequestMethod.Get, id, query: query), cancellationToken)).Resource();

    /// <summary>All resources of a list, page by page.</summary>
    /// <param name="path">The list's path, such as <c>/subscriptions/…/providers/Microsoft.Compute/skus</c>.</param>
    /// <param name="type">The type of what is listed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="query">What is added to the first page's address; empty for nothing.</param>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path, string type, CancellationToken cancellationToken, string query = "")
    {
        var found = new List<JsonObject>();
        var address = Address(path, type, query);
        while (address is not null)
        {
            var answer = await SendAsync(new ArmRequest(RequestMethod.Get, address, $"GET {type} (list)", path), cancellationToken);
            found.AddRange(answer.Require().Body.Objects("value"));
            address = answer.Body.Text("nextLink") is { Length: > 0 } next ? next : null;
        }

        return found;
    }

    /// <summary>A request about a resource.</summary>
    /// <param name="method">The method.</param>
    /// <param name="id">The resource.</param>
    /// <param name="action">The action of a POST; empty for the resource itself.</param>
    /// <param name="query">What is added to the address; empty for nothing.</param>
    public ArmRequest Request(RequestMethod method, ResourceId id, string action = "", string query = "")
    {
        var path = action.Length > 0 ? $"{id}/{action}" : id.ToString();
        var what = action.Length > 0 ? $"{method} {id.Type}/{action}" : $"{method} {id.Type}";
        return new ArmRequest(method, Address(path, id.Type, query), what, id.ToString());
    }

    /// <summary>Sends a request, and returns whatever was answered.</summary>
    /// <exception cref="UpgradeException">There is no answer, or nobody is signed in.</exception>
    public async Task<ArmAnswer> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        using var message = Message(request);
        try
        {
            await _pipeline.SendAsync(message, cancellationToken);
            return new ArmAnswer(request, message.Response);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Explain(exception, request.Subject) ?? exception;
        }
    }

    private HttpMessage Message(ArmRequest request)
    {
        var message = _pipeline.CreateMessage();
        message.BufferResponse = true;
        message.SetProperty(QuotaPolicy.ClassProperty, request.Class);
        message.SetProperty(QuotaPolicy.SubjectProperty, request.Subject);
        message.SetProperty(PatiencePolicy.RepeatableProperty, request.Repeatable);
        message.Request.Method = request.Method;
        message.Request.Uri.Reset(Own(request.Address));
        message.Request.Headers.Add("Accept", "application/json");
        if (request.IfMatch is { } version)
            message.Request.Headers.Add("If-Match", version);
        if (request.IfNew)
            message.Request.Headers.Add("If-None-Match", "*");
        if (request.Body is { } body)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(JsonSerializer.SerializeToUtf8Bytes(body));
        }

        return message;
    }

    // What carries our token goes to the cloud that we signed in to, and nowhere else: addresses of pages and operations come from outside.
    private Uri Own(string address)
    {
        var whole = new Uri(Environment.Endpoint, address);
        return whole.Scheme == Environment.Endpoint.Scheme && whole.Host.Equals(Environment.Endpoint.Host, StringComparison.OrdinalIgnoreCase) && whole.Port == Environment.Endpoint.Port
            ? whole
            : throw new UpgradeException("AzureForeignAddress", $"An answer of Azure points to '{whole.Host}', which is not {Environment.Endpoint.Host}: no token is sent there.", "See whether something stands between this machine and Azure.", FailureCategory.Refused) { Target = whole.Host };
    }

    private string Address(string path, string type, string query) =>
        $"{path}?{(query.Length > 0 ? query + "&" : string.Empty)}api-version={Environment.Versions.Of(type)}";

    private UpgradeException? Explain(Exception exception, string subject) => exception switch
    {
        AuthenticationFailedException failed => SignInFailed(Environment, failed),
        RequestFailedException or IOException or HttpRequestException or AggregateException or OperationCanceledException => new UpgradeException(
            "AzureUnreachable",
            $"{subject}: {Environment.Endpoint.Host} did not answer: {(exception.InnerException ?? exception).Message}",
            "Check network, proxy and certificates of this machine; what was under way goes on at Azure, and doing it again finds it.",
            FailureCategory.Unreachable,
            exception)
        { Target = subject },
        _ => null,
    };

    /// <summary>Nobody could be signed in.</summary>
    public static UpgradeException SignInFailed(AzureEnvironment environment, AuthenticationFailedException exception) => new(
        "AzureSignInFailed",
        $"Azure ({environment.Name}): {(exception is CredentialUnavailableException ? "nobody is signed in: none of the ways to sign in worked" : "signing in failed")}. {FirstLine(exception.Message)}",
        "Sign in with Connect-StatefulAzure or 'az login', give the machine a managed identity, or name another way under azure.credential.",
        FailureCategory.AccessDenied,
        exception)
    { Target = environment.Name };

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();

    private sealed class ArmClientOptions : ClientOptions
    {
        public ArmClientOptions()
        {
            Diagnostics.ApplicationId = "StatefulDeploy";
            Diagnostics.IsLoggingContentEnabled = false;
            Diagnostics.IsTelemetryEnabled = true;
            Retry.NetworkTimeout = TimeSpan.FromSeconds(60);
        }
    }
}
