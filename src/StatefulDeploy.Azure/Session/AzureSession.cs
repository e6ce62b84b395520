using System.Collections.Concurrent;
using Azure.Core;
using StatefulDeploy.Azure.Arm;

namespace StatefulDeploy.Azure.Session;

/// <summary>Who this process was signed in as, cloud by cloud. It is what a service uses whose file names no way to sign in, and ends with the process.</summary>
internal static class AzureSession
{
    private static readonly ConcurrentDictionary<(Uri Endpoint, string Tenant), TokenCredential> Signed = new();

    /// <summary>Signs in.</summary>
    /// <param name="environment">The cloud.</param>
    /// <param name="tenant">The tenant; null for any.</param>
    /// <param name="credential">The identity.</param>
    public static void Keep(AzureEnvironment environment, string? tenant, TokenCredential credential)
    {
        Signed[(environment.Endpoint, KeyOf(tenant))] = credential;
        Signed[(environment.Endpoint, string.Empty)] = credential; // The last one signed in stands for whoever names no tenant.
    }

    /// <summary>The identity for a cloud and tenant; null when nobody was signed in.</summary>
    public static TokenCredential? Find(AzureEnvironment environment, string? tenant) => Signed.GetValueOrDefault((environment.Endpoint, KeyOf(tenant)));

    private static string KeyOf(string? tenant) => tenant?.ToLowerInvariant() ?? string.Empty;
}
