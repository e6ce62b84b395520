namespace StatefulDeploy.Load;

/// <summary>A service a ledger can be kept on. One implementation an engine.</summary>
public interface ILedgerEndpoint
{
    /// <summary>Makes a client that is not connected yet.</summary>
    /// <param name="options">The ledger's options: key prefix and value size decide what is written and expected.</param>
    /// <param name="time">The clock that stamps replies.</param>
    ILedgerClient NewClient(LedgerOptions options, TimeProvider time);
}
