using System.Security.Cryptography;
using System.Text;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>A shared access signature for the account's blobs (learn.microsoft.com/rest/api/storageservices/create-account-sas).</summary>
internal static class AccountSignature
{
    private const string Version = "2020-08-04";
    private const string End = "2099-01-01T00:00:00Z";

    public static string Of(string permissions)
    {
        var text = $"{AzuriteServer.Account}\n{permissions}\nb\nsco\n\n{End}\n\nhttps,http\n{Version}\n";
        var signature = HMACSHA256.HashData(Convert.FromBase64String(AzuriteServer.Key), Encoding.UTF8.GetBytes(text));
        return $"sv={Version}&ss=b&srt=sco&sp={permissions}&se={Uri.EscapeDataString(End)}&spr=https,http&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}";
    }
}
