using Azure.Core;
using Azure.Core.Pipeline;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Journal;

/// <summary>How requests are signed: by the account's key, by a shared access signature, or by a token.</summary>
internal static class BlobAuthorization
{
    private const string Scope = "https://storage.azure.com/.default";

    /// <summary>By the account's key.</summary>
    /// <exception cref="UpgradeException">It is no key.</exception>
    public static HttpPipelinePolicy ByKey(string account, string key)
    {
        try
        {
            return new SharedKeyPolicy(account, Convert.FromBase64String(key.Trim()));
        }
        catch (FormatException exception)
        {
            throw new UpgradeException("JournalKeyInvalid", $"The account key of the shared journal in '{account}' is not in base 64.", "Copy the key of the storage account as it is shown.", FailureCategory.InvalidInput, exception) { Target = account };
        }
    }

    /// <summary>By a shared access signature.</summary>
    public static HttpPipelinePolicy BySignature(string signature) => new SignaturePolicy(signature.Trim().TrimStart('?'));

    /// <summary>By a token.</summary>
    public static HttpPipelinePolicy ByToken(TokenCredential credential) => new BearerTokenAuthenticationPolicy(credential, Scope);

    private sealed class SignaturePolicy(string signature) : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message)
        {
            var uri = message.Request.Uri;
            if (!uri.Query.Contains(signature, StringComparison.Ordinal)) // It is there already when the request is sent again.
                uri.Query = uri.Query.Length == 0 ? signature : $"{uri.Query}&{signature}";
        }
    }
}
