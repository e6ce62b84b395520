namespace StatefulDeploy.Model;

/// <summary>When somebody is told.</summary>
public enum NotifyMoment
{
    /// <summary>Before writes close.</summary>
    BeforeWindow,

    /// <summary>As writes close; never waited for.</summary>
    AtWindow,

    /// <summary>After traffic was switched, or writes opened again on blue.</summary>
    AfterWindow,
}
