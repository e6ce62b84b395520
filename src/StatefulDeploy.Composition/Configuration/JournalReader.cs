using StatefulDeploy.Azure.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads where machines share the journal of a service.</summary>
internal static class JournalReader
{
    private static readonly string[] Secrets = ["accountKeyFile", "accountKeyEnv", "sasFile", "sasEnv"];

    public static SharedJournalDescription Read(YamlSection section)
    {
        var address = section.Required("azureBlob");
        if (!AzureJournals.IsAddress(address.Text()))
            throw address.Wrong(WithoutQuery(address.Text()), AzureJournals.AddressForm);

        for (var first = 0; first < Secrets.Length; first++)
        {
            foreach (var second in Secrets.Skip(first + 1))
                section.AtMostOneOf(Secrets[first], second);
        }

        return new SharedJournalDescription(address.Text(), Secret(section["accountKeyFile"], section["accountKeyEnv"]), Secret(section["sasFile"], section["sasEnv"]));
    }

    // A signature in the address is wrong, and must not be repeated.
    private static string WithoutQuery(string text) => text.Split('?')[0] is var address && address.Length < text.Length ? address + "?…" : text;

    private static CredentialDescription? Secret(YamlValue? file, YamlValue? variable) =>
        file is null && variable is null ? null : new CredentialDescription(null, file?.FullPath(), variable?.Text());
}
