using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>What a gate is given besides its node.</summary>
/// <param name="Service">The service as described, without secrets.</param>
/// <param name="UpgradeId">The upgrade on whose behalf it acts.</param>
/// <param name="Epoch">The epoch of the act; already checked and stored.</param>
/// <param name="Secrets">Passwords, kept by the guard on its host so that the act can be done after a reboot.</param>
/// <param name="Host">The host on which it runs.</param>
public sealed record GateContext(ServiceDescription Service, string UpgradeId, long Epoch, ISecrets Secrets, IHost Host);
