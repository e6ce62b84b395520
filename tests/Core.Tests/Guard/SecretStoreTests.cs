using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>Secrets that outlive the process that brought them, for nobody but their owner.</summary>
public sealed class SecretStoreTests : IAsyncLifetime
{
    private readonly Stage _stage = new();

    private string OwnFile => Path.Combine(_stage.Service.GuardDirectory, "secrets.json");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Fact]
    public void A_secret_is_made_once_for_all_processes_in_a_file_of_its_owners()
    {
        var made = new SecretStore(_stage.Service).GetOrCreate("control");
        Assert.True(made.Length >= 32);
        Assert.Equal(made, new SecretStore(_stage.Service).GetOrCreate("control"));
        Assert.NotEqual(made, new SecretStore(_stage.Service).GetOrCreate("other"));
        Assert.Equal(DurableFile.OwnerOnly, File.GetUnixFileMode(OwnFile));
    }

    [Fact]
    public void What_the_environment_gave_is_kept_for_a_process_that_has_another_environment()
    {
        var variable = $"SD_TEST_{Guid.NewGuid():N}";
        var credential = new CredentialDescription(null, null, variable);
        Environment.SetEnvironmentVariable(variable, "from-here");
        new SecretStore(_stage.Service).Keep(credential, null);
        Environment.SetEnvironmentVariable(variable, null);
        Assert.Equal("from-here", new SecretStore(_stage.Service).Resolve(credential));
    }

    [Fact]
    public void A_variable_that_nobody_ever_gave_is_named()
    {
        var credential = new CredentialDescription(null, null, "SD_TEST_NEVER_SET");
        var error = Assert.Throws<UpgradeException>(() => new SecretStore(_stage.Service).Resolve(credential));
        Assert.Equal("PasswordVariableMissing", error.ErrorId);
        Assert.Contains("SD_TEST_NEVER_SET", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_refused_and_not_replaced()
    {
        _ = new SecretStore(_stage.Service).GetOrCreate("control");
        File.WriteAllText(OwnFile, "{\"control\":\"abc");
        var error = Assert.Throws<UpgradeException>(() => new SecretStore(_stage.Service).GetOrCreate("control"));
        Assert.Equal("SecretsUnreadable", error.ErrorId);
        Assert.DoesNotContain("abc", error.Message, StringComparison.Ordinal);
        Assert.Equal("{\"control\":\"abc", File.ReadAllText(OwnFile));
    }
}
