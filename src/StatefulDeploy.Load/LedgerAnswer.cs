namespace StatefulDeploy.Load;

/// <summary>What the service said to one request.</summary>
public enum LedgerAnswer
{
    /// <summary>Nothing was heard. A write may or may not have been applied.</summary>
    None = 0,

    /// <summary>The write was acknowledged, or the read found what was written.</summary>
    Done,

    /// <summary>The service refused with an error.</summary>
    Rejected,

    /// <summary>The read found nothing.</summary>
    Missing,

    /// <summary>The read found a value that nobody wrote there.</summary>
    Damaged,
}
