using StatefulDeploy.Guard;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>The secrets of a service on two machines: the one that the upgrade is run on, and the one of the guard.</summary>
public sealed class PackedSecretsTests : IAsyncLifetime
{
    private readonly Stage _here = new();
    private readonly Stage _there = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    [Fact]
    public void Two_machines_make_the_same_secret_whichever_needs_it_first()
    {
        Bring();
        var there = new SecretStore(_there.Service).GetOrCreate("made-there-first");
        Assert.Equal(there, new SecretStore(_here.Service).GetOrCreate("made-there-first"));
    }

    [Fact]
    public void A_password_file_of_this_machine_is_known_there_by_what_is_in_it()
    {
        var file = Path.Combine(_here.Service.GuardDirectory, "..", "password");
        File.WriteAllText(file, "from-the-file\n");
        var credential = new CredentialDescription("admin", file, null);
        Bring(credential);
        File.Delete(file);
        Assert.Equal("from-the-file", new SecretStore(_there.Service).Resolve(credential));
    }

    private void Bring(params CredentialDescription[] credentials)
    {
        DurableFile.CreateFolder(_there.Service.GuardDirectory);
        DurableFile.Replace(Path.Combine(_there.Service.GuardDirectory, "secrets.json"), new SecretStore(_here.Service).Pack(credentials));
    }
}
