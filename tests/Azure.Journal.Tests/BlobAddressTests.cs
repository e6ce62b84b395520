using StatefulDeploy.Azure.Journal;

namespace StatefulDeploy.SharedJournal.Tests;

public sealed class BlobAddressTests
{
    [Theory]
    [InlineData("https://acme.blob.core.windows.net/journals", "acme", "https://acme.blob.core.windows.net/journals", "")]
    [InlineData("https://acme.blob.core.windows.net/journals/orders/eu/", "acme", "https://acme.blob.core.windows.net/journals", "orders/eu/")]
    [InlineData("https://acme.blob.core.usgovcloudapi.net/j-1", "acme", "https://acme.blob.core.usgovcloudapi.net/j-1", "")]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/journals/orders", "devstoreaccount1", "http://127.0.0.1:10000/devstoreaccount1/journals", "orders/")]
    public void An_address_has_an_account_a_container_and_a_prefix(string text, string account, string container, string prefix)
    {
        var address = BlobAddress.Parse(text)!;
        Assert.Equal((account, container, prefix), (address.Account, address.Container.AbsoluteUri, address.Prefix));
        Assert.Equal(text.TrimEnd('/'), address.ToString());
    }

    [Theory]
    [InlineData("https://acme.blob.core.windows.net")]
    [InlineData("https://acme.blob.core.windows.net/")]
    [InlineData("http://acme.blob.core.windows.net/journals")]
    [InlineData("https://acme.blob.core.windows.net/journals?sv=2022&sig=abc")]
    [InlineData("https://user:secret@acme.blob.core.windows.net/journals")]
    [InlineData("https://acme.blob.core.windows.net/Journals")]
    [InlineData("https://acme.blob.core.windows.net/j")]
    [InlineData("https://acme.blob.core.windows.net/journals/a%20b")]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1")]
    [InlineData("ftp://acme.blob.core.windows.net/journals")]
    [InlineData("/var/lib/journals")]
    [InlineData("")]
    public void What_is_no_address_is_told_apart(string text) => Assert.Null(BlobAddress.Parse(text));
}
