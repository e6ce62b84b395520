using System.Runtime.InteropServices;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>A world in bits: nothing is hashed away, so two worlds are taken for one only if they are.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WorldKey(ulong Nodes, ulong Files, ulong Guard, ulong OldGuard, ulong People);
