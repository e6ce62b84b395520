using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Model;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>What never changes in the model: two clusters of a node each, windows in either direction, and the clock's two readings. Node 0 is blue, node 1 green.</summary>
internal static class Scene
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly GuardInstant Early = new("boot", 0, DateTimeOffset.UnixEpoch);
    private static readonly GuardInstant AfterDeadline = new("boot", (long)Deadline.TotalMilliseconds, DateTimeOffset.UnixEpoch + Deadline);
    private static readonly Node[] Nodes = [NodeOf("blue", ClusterColour.Blue, 1), NodeOf("green", ClusterColour.Green, 2)];
    private static readonly ClusterLayout[] Clusters = [.. Nodes.Select(node => new ClusterLayout(node.Colour, "1", [new Shard("s", [node])]))];
    private static readonly GuardLease Asked = new("somebody", "u", new ProcessIdentity(1, 1, "boot"), "here", 0);

    public static string NameOf(int node) => Nodes[node].Name;

    public static string KeyOf(int node) => RegisterState.KeyOf(Nodes[node]);

    public static int IndexOf(string windowId) => windowId[1] - '0';

    public static int IndexOf(OpenWindow? window) => window is null ? -1 : IndexOf(window.Plan.WindowId);

    public static int IndexOf(Node node) => node.Colour == ClusterColour.Blue ? 0 : 1;

    public static int SourceOf(WindowPlan plan) => IndexOf(plan.Source.Nodes.First());

    public static Node Node(int node) => Nodes[node];

    public static string WindowId(int window) => $"w{window}";

    /// <summary>What the guard observes. The lease never speaks for its owner: whoever asks for it gets it, so that safety cannot rest on it.</summary>
    public static GuardMoment Moment(bool late, LeaseCondition lease = LeaseCondition.Silent) => new(late ? AfterDeadline : Early, lease);

    /// <summary>The request that a question stands for.</summary>
    public static GuardRequest RequestOf(Question question)
    {
        var request = new GuardRequest { Operation = question.Operation, Epoch = question.Epoch, WindowId = question.Window < 0 ? null : WindowId(question.Window) };
        return question.Operation switch
        {
            GuardOperation.Acquire => request with { Lease = Asked with { Owner = $"p{question.Node}" } },
            GuardOperation.Arm => request with { Plan = new WindowPlan(WindowId(question.Window), "u", Deadline, Clusters[question.Node], Clusters[1 - question.Node]) },
            GuardOperation.Act => request with { Act = new ActRequest(GuardedAct.Demote, "u", Clusters[1 - question.Node], Clusters[question.Node], null, Deadline) },
            _ => question.Node < 0 ? request : request with { Nodes = [Nodes[question.Node]] },
        };
    }

    private static Node NodeOf(string name, ClusterColour colour, int port) => new() { Name = name, Colour = colour, Version = "1", Endpoint = new NodeEndpoint(name, port) };
}
