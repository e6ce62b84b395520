using System.Collections.Immutable;
using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>
/// The guard's folder: <c>register</c>, and for each window <c>windows/ID/plan.json</c> and <c>windows/ID/outcome</c>. Whatever a call
/// changed is on disk when it returns.
/// </summary>
internal sealed class GuardStore : IDisposable
{
    private const int WindowsKept = 50;

    private readonly string _folder;
    private readonly RegisterFile _register;
    private RegisterDocument _stored = new();

    private GuardStore(string folder, RegisterFile register)
    {
        _folder = folder;
        _register = register;
    }

    /// <summary>The service as the open window was armed with; null when no window is open.</summary>
    public ServiceDescription? Service { get; private set; }

    public static GuardStore Open(string folder) => new(folder, RegisterFile.Open(Path.Combine(folder, "register")));

    /// <summary>What was stored last. What is not stored, such as which nodes are closed, is unknown.</summary>
    /// <exception cref="UpgradeException">A file is damaged or from a newer version.</exception>
    public RegisterState Load()
    {
        _stored = _register.Read() ?? new RegisterDocument();
        var rights = _stored.Rights.ToImmutableSortedDictionary(StringComparer.Ordinal);
        _stored = _stored with { Rights = rights };
        var state = new RegisterState { Epoch = _stored.Epoch, Lease = _stored.Lease, Rights = rights };
        if (_stored.WindowId is not { } id)
            return state;

        var armed = ReadPlan(id);
        Service = armed.Service;
        return state with
        {
            Window = new OpenWindow
            {
                Plan = armed.Plan,
                Epoch = armed.Epoch,
                ArmedAt = armed.ArmedAt,
                TargetOpened = _stored.TargetOpened,
                Decision = ReadDecision(id),
            },
        };
    }

    /// <summary>Stores a state, unless what is on disk says the same already.</summary>
    public void Save(RegisterState state)
    {
        var document = RegisterDocument.Of(state);
        if (document.Says(_stored))
            return;

        _register.Write(document);
        _stored = document;
    }

    /// <summary>Stores the plan of a window that is about to become the open one, and both of its possible outcomes, so that deciding needs neither a write nor space.</summary>
    public void Arm(ArmedWindow armed)
    {
        var id = armed.Plan.WindowId;
        if (ReadDecision(id) is not null)
            throw Used(id);

        RemoveOldest();
        DurableFile.CreateFolder(FolderOf(id));
        DurableFile.Replace(Path.Combine(FolderOf(id), "plan.json"), JsonSerializer.SerializeToUtf8Bytes(armed, GuardJson.Default.ArmedWindow));
        WriteCandidate(new WindowDecision(id, WindowOutcome.Committed, armed.Epoch, 0));
        WriteCandidate(new WindowDecision(id, WindowOutcome.Expired, armed.Epoch, 0));
        Service = armed.Service;
    }

    /// <summary>Tries to decide a window: the one place where that happens. Of all who ever try, one makes the file of that name.</summary>
    /// <returns>What is decided now, by whomever.</returns>
    public WindowDecision Decide(WindowDecision attempt)
    {
        var candidate = CandidateOf(attempt);
        if (!File.Exists(candidate))
            WriteCandidate(attempt);

        DurableFile.TryLink(candidate, OutcomeOf(attempt.WindowId, attempt.Generation));
        return ReadDecision(attempt.WindowId)!;
    }

    /// <summary>What was decided last for a window; null when nothing was.</summary>
    /// <exception cref="UpgradeException">The outcome file is damaged: nothing is known then, and nothing may be opened.</exception>
    public WindowDecision? ReadDecision(string windowId)
    {
        WindowDecision? last = null;
        for (var generation = 0; File.Exists(OutcomeOf(windowId, generation)); generation++)
            last = Read(OutcomeOf(windowId, generation), bytes => JsonSerializer.Deserialize(bytes, GuardJson.Default.WindowDecision));

        return last;
    }

    public void Dispose() => _register.Dispose();

    private ArmedWindow ReadPlan(string windowId) =>
        Read(Path.Combine(FolderOf(windowId), "plan.json"), bytes => JsonSerializer.Deserialize(bytes, GuardJson.Default.ArmedWindow));

    private static T Read<T>(string path, Func<byte[], T?> parse)
        where T : class
    {
        try
        {
            return parse(File.ReadAllBytes(path)) ?? throw new JsonException("The document is null.");
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            throw new UpgradeException(
                "GuardFileDamaged",
                $"'{path}' cannot be read: {error.Message}",
                "Restore the guard's folder from a backup. Without one: make sure by hand that exactly one cluster takes writes, then remove the folder of that window and the file 'register'.",
                FailureCategory.Damaged,
                error) { Target = path };
        }
    }

    private void WriteCandidate(WindowDecision decision) =>
        DurableFile.Replace(CandidateOf(decision), JsonSerializer.SerializeToUtf8Bytes(decision, GuardJson.Default.WindowDecision));

    private void RemoveOldest()
    {
        var windows = new DirectoryInfo(Path.Combine(_folder, "windows"));
        if (!windows.Exists)
            return;

        foreach (var old in windows.EnumerateDirectories().OrderByDescending(folder => folder.CreationTimeUtc).Skip(WindowsKept).Where(folder => folder.Name != _stored.WindowId))
            old.Delete(recursive: true);
    }

    private string FolderOf(string windowId) => Path.Combine(_folder, "windows", windowId);

    private string OutcomeOf(string windowId, int generation) =>
        Path.Combine(FolderOf(windowId), generation == 0 ? "outcome" : $"outcome.{generation}");

    private string CandidateOf(WindowDecision decision) =>
        Path.Combine(FolderOf(decision.WindowId), $"candidate-{decision.Outcome}-{decision.Epoch}-{decision.Generation}".ToLowerInvariant());

    private static UpgradeException Used(string windowId) => new(
        "WindowUsed",
        $"Window {windowId} was decided before.",
        "Give every window an id of its own.",
        FailureCategory.InvalidInput) { Target = windowId };
}
