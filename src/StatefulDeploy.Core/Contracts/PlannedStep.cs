namespace StatefulDeploy.Contracts;

/// <summary>One row of the plan.</summary>
/// <param name="Number">Its number in the workflow table, from 1.</param>
/// <param name="Name">Its name.</param>
/// <param name="Change">What it will change, or that it changes nothing.</param>
/// <param name="Undo">How it is taken back; empty when there is nothing to take back.</param>
/// <param name="Deadline">How long it may take.</param>
/// <param name="Reversible">Whether it can be taken back without a switch in the other direction.</param>
/// <param name="WritesClosed">Whether writes are closed while it runs.</param>
public sealed record PlannedStep(int Number, string Name, string Change, string Undo, TimeSpan Deadline, bool Reversible, bool WritesClosed);
