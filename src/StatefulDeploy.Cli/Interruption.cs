using System.Runtime.InteropServices;

namespace StatefulDeploy.Cli;

/// <summary>
/// Ctrl+C and SIGTERM: the first asks the operation to stop, and the process stays until its undo has ended; the second leaves at once,
/// and the guard ends a closed window by itself.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TextWriter _error;
    private readonly IReadOnlyList<PosixSignalRegistration> _registrations;
    private readonly string _stopping;

    /// <param name="error">Where the person is told.</param>
    /// <param name="stopping">What the first signal leads to.</param>
    public Interruption(TextWriter error, string stopping)
    {
        _error = error;
        _stopping = stopping;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_stop.IsCancellationRequested)
        {
            _error.WriteLine("Leaving at once. If writes were closed, the guard opens them again by the window's deadline; see 'statefuldeploy status'.");
            Environment.Exit(ExitCode.Interrupted);
        }

        context.Cancel = true;
        _error.WriteLine(_stopping);
        _stop.Cancel();
    }
}
