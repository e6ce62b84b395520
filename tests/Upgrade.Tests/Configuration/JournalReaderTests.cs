using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

/// <summary>Where a service's journal is: in its state folder, in another, or shared.</summary>
public sealed class JournalReaderTests
{
    private const string Address = "https://acme.blob.core.windows.net/upgrades/orders";

    [Fact]
    public void A_service_file_names_a_shared_journal_and_where_its_secret_is()
    {
        using var file = new ServiceFile(With($"{{ azureBlob: \"{Address}\", accountKeyFile: ./key }}"));
        Assert.Equal(new SharedJournalDescription(Address, new CredentialDescription(null, Path.Combine(file.Folder, "key"), null), null), file.Read().SharedJournal);
        Assert.Equal(new SharedJournalDescription(Address, null, new CredentialDescription(null, null, "SAS")), ServiceFile.Read(With($"{{ azureBlob: \"{Address}\", sasEnv: SAS }}")).SharedJournal);
        Assert.Equal(new SharedJournalDescription(Address, null, null), ServiceFile.Read(With($"{{ azureBlob: \"{Address}\" }}")).SharedJournal);
        Assert.Null(ServiceFile.Read(ServiceFile.Minimal).SharedJournal);
    }

    [Theory]
    [InlineData("{ accountKeyFile: ./key }", "MissingKey", "azureBlob")]
    [InlineData("{ azureBlob: acme/upgrades }", "InvalidValue", "acme/upgrades")]
    [InlineData("{ azureBlob: \"https://acme.blob.core.windows.net\" }", "InvalidValue", "CONTAINER")]
    [InlineData("{ azureBlob: \"https://acme.blob.core.windows.net/upgrades?sig=geheim\" }", "InvalidValue", "sasFile")]
    [InlineData("{ azureBlob: ADDRESS, accountKeyFile: ./key, sasEnv: SAS }", "ConflictingKeys", "sasEnv")]
    [InlineData("{ azureBlob: ADDRESS, sasFile: ./sas, sasEnv: SAS }", "ConflictingKeys", "sasEnv")]
    [InlineData("{ azureBlob: ADDRESS, accountKey: c2VjcmV0 }", "UnknownKey", "accountKeyFile")]
    public void What_is_wrong_is_told_with_file_line_and_key_and_without_a_secret(string journal, string errorId, string says)
    {
        var refused = ServiceFile.Refuse(With(journal.Replace("ADDRESS", $"\"{Address}\"", StringComparison.Ordinal)));

        Assert.Equal((errorId, FailureCategory.InvalidInput), (refused.ErrorId, refused.Category));
        Assert.Contains("orders.yaml:7", refused.Message, StringComparison.Ordinal);
        Assert.Contains(says, refused.Message + refused.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", refused.ToString() + refused.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", refused.ToString() + refused.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_is_named_wins_over_the_service_files()
    {
        var platform = Platform.Create();
        var service = ServiceFile.Read(With($"{{ azureBlob: \"{Address}\" }}"));

        Assert.Equal(Address, platform.OpenJournals(service, null, TimeProvider.System).Location);
        Assert.Equal(service.StateDirectory, platform.OpenJournals(service, null, TimeProvider.System).Folder);
        Assert.Equal(Address + "-2", platform.OpenJournals(service, Address + "-2", TimeProvider.System).Location);
        Assert.Equal(Address, platform.OpenJournals(null, Address, TimeProvider.System).Location);
        Assert.Equal("/elsewhere", Assert.IsType<JournalFolder>(platform.OpenJournals(service, "/elsewhere", TimeProvider.System)).Folder);
        Assert.Equal("JournalAddressInvalid", Assert.Throws<UpgradeException>(() => platform.OpenJournals(service, "https://nowhere", TimeProvider.System)).ErrorId);
    }

    [Fact]
    public void A_secret_that_is_missing_is_told_before_anything_is_asked()
    {
        var service = ServiceFile.Read(With($"{{ azureBlob: \"{Address}\", accountKeyFile: ./none }}"));
        var refused = Assert.Throws<UpgradeException>(() => Platform.Create().OpenJournals(service, null, TimeProvider.System));
        Assert.Equal(("PasswordFileUnreadable", FailureCategory.AccessDenied), (refused.ErrorId, refused.Category));
    }

    private static string With(string journal) => ServiceFile.Minimal.TrimEnd('\n') + "\njournal: " + journal + "\n";
}
