namespace StatefulDeploy.Model;

/// <summary>What a verification suite is for; load suites are compared with blue's baseline.</summary>
public enum SuiteKind
{
    /// <summary>The functions that clients use.</summary>
    Functional,

    /// <summary>Green together with the services around it.</summary>
    Integration,

    /// <summary>What once broke.</summary>
    Regression,

    /// <summary>Behaviour beyond the expected load.</summary>
    Stress,

    /// <summary>Latency and throughput under the expected load.</summary>
    Load,
}
