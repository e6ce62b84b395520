using System.Runtime.InteropServices;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>What an outcome file says.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Decision(WindowOutcome Outcome, sbyte Epoch, sbyte Generation)
{
    /// <summary>No file.</summary>
    public static Decision None { get; } = new(WindowOutcome.Undecided, 0, 0);

    public bool IsNone => Outcome == WindowOutcome.Undecided;

    public int Bits => (int)Outcome | Epoch << 2 | Generation << 6;
}
