using System.Runtime.InteropServices;
using StatefulDeploy.Guard;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>A request, small enough to be a key.</summary>
/// <param name="Operation">What is asked.</param>
/// <param name="Epoch">Under which epoch.</param>
/// <param name="Window">The window it names; -1 for none.</param>
/// <param name="Node">The node, the source of a window to arm, or who asks for the lease; -1 for none.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Question(GuardOperation Operation, sbyte Epoch, sbyte Window = -1, sbyte Node = -1)
{
    public ulong Bits => (ulong)Operation | (ulong)(byte)Epoch << 4 | (ulong)(Window + 1) << 8 | (ulong)(Node + 1) << 11;

    public override string ToString() => $"{Operation} {(Window < 0 ? string.Empty : Scene.WindowId(Window))} {(Node < 0 || Operation == GuardOperation.Acquire ? string.Empty : Scene.NameOf(Node))} (epoch {Epoch})";
}
