namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>A guard process: the number of the state that it believes in, and its lanes.</summary>
internal readonly record struct ModelGuard(int Memory, Lane Blue, Lane Green)
{
    /// <summary>None runs.</summary>
    public static ModelGuard None { get; } = new(-1, default, default);

    public bool IsNone => Memory < 0;

    public ulong Bits => (uint)(Memory + 1) | Blue.Bits << 20 | Green.Bits << 30;

    public Lane LaneOf(int node) => node == 0 ? Blue : Green;

    public ModelGuard With(int node, Lane lane) => node == 0 ? this with { Blue = lane } : this with { Green = lane };
}
