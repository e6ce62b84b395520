using System.Globalization;
using StatefulDeploy.Guard;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>The product's rules, each question asked of them once: states of the register are numbered, and answers remembered.</summary>
internal sealed class Book(ModelLimits limits)
{
    private readonly List<RegisterState> _states = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<(int State, ulong Question, bool Late), Answer?> _answers = [];
    private readonly Dictionary<(sbyte Epoch, (sbyte First, sbyte Second) Sources, sbyte Free), Question[]> _questions = [];
    private readonly Dictionary<(int State, int What, int More), int> _changes = [];
    private readonly Dictionary<(int State, bool Late, bool Alone), Duty[]> _duties = [];

    private readonly Dictionary<(int State, ulong Ranks, bool Swap), int> _renamed = [];
    private readonly List<int> _epochs = [];

    public RegisterState this[int number] => _states[number];

    public int NumberOf(RegisterState state)
    {
        var text = Text(state);
        if (!_numbers.TryGetValue(text, out var number))
        {
            _numbers[text] = number = _states.Count;
            _states.Add(state with { Lease = null });
        }

        return number;
    }

    /// <summary>What the rules say to a request; null when they refuse it.</summary>
    public Answer? Ask(int state, Question question, bool late)
    {
        if (!_answers.TryGetValue((state, question.Bits, late), out var answer))
            _answers[(state, question.Bits, late)] = answer = AskRules(_states[state], Scene.RequestOf(question), Scene.Moment(late));

        return answer;
    }

    /// <summary>What somebody with that epoch can ask when there are these windows.</summary>
    public Question[] QuestionsAt(sbyte epoch, (sbyte First, sbyte Second) sources, sbyte free)
    {
        if (!_questions.TryGetValue((epoch, sources, free), out var questions))
            _questions[(epoch, sources, free)] = questions = epoch == 0 ? [] : [.. Questions(epoch, sources, free)];

        return questions;
    }

    public Duty[] DutiesOf(int state, bool late, bool alone)
    {
        if (!_duties.TryGetValue((state, late, alone), out var duties))
        {
            var moment = Scene.Moment(late, alone ? LeaseCondition.Dead : LeaseCondition.Silent);
            _duties[(state, late, alone)] = duties = limits.Flaw == Flaw.WatcherSleeps ? [] : [.. RegisterRules.Duties(_states[state], moment)];
        }

        return duties;
    }

    /// <summary>What is left of a state on disk.</summary>
    public int Stored(int state) => Change(state, 0, 0, known => known.Window is { } window
        ? known with { Window = window with { Decision = null, Closed = [], Opened = [], Routed = false } }
        : known);

    public int Learn(int state, Decision decision) => Change(state, 1, decision.Bits, known =>
        RegisterRules.Learn(known, new WindowDecision(known.Window!.Plan.WindowId, decision.Outcome, decision.Epoch, decision.Generation)));

    public int NoteClosed(int state, int window, int node) => Change(state, 2, window << 1 | node, known => RegisterRules.NoteClosed(known, Scene.WindowId(window), Scene.Node(node)));

    public int NoteOpened(int state, int window, int node) => Change(state, 3, window << 1 | node, known => RegisterRules.NoteOpened(known, Scene.WindowId(window), Scene.Node(node)));

    public int NoteRouted(int state) => Change(state, 4, 0, known => RegisterRules.NoteRouted(known, known.Window!.Decision!));

    public int BeginOpening(int state) => Change(state, 5, 0, RegisterRules.BeginOpening);

    /// <summary>The same state with other numbers for its epochs, and perhaps for its window.</summary>
    /// <param name="state">The state.</param>
    /// <param name="ranks">In four bits for each old epoch the new one.</param>
    /// <param name="swap">Whether windows 0 and 1 change their numbers.</param>
    public int Renamed(int state, ulong ranks, bool swap)
    {
        if (!_renamed.TryGetValue((state, ranks, swap), out var next))
            _renamed[(state, ranks, swap)] = next = NumberOf(Rename(_states[state], ranks, swap));

        return next;
    }

    /// <summary>The epochs of a state, a bit for each.</summary>
    public int EpochsOf(int state)
    {
        while (_epochs.Count <= state)
        {
            var known = _states[_epochs.Count];
            _epochs.Add(1 << (int)known.Epoch | 1 << (int)(known.Window?.Epoch ?? 0) | 1 << (int)(known.Window?.Decision?.Epoch ?? 0));
        }

        return _epochs[state];
    }

    public static long RankOf(ulong ranks, long epoch) => (long)(ranks >> (int)(epoch << 2)) & 15;

    private static RegisterState Rename(RegisterState state, ulong ranks, bool swap)
    {
        var renamed = state with { Epoch = RankOf(ranks, state.Epoch) };
        if (state.Window is not { } window)
            return renamed;

        var plan = swap ? window.Plan with { WindowId = Scene.WindowId(1 - Scene.IndexOf(window)) } : window.Plan;
        var decision = window.Decision is { } decided ? decided with { WindowId = plan.WindowId, Epoch = RankOf(ranks, decided.Epoch) } : null;
        return renamed with { Window = window with { Plan = plan, Epoch = RankOf(ranks, window.Epoch), Decision = decision } };
    }

    private IEnumerable<Question> Questions(sbyte epoch, (sbyte First, sbyte Second) sources, sbyte free)
    {
        if (free >= 0)
        {
            yield return new Question(GuardOperation.Arm, epoch, free, 0);
            if (limits.Mannered)
                yield return new Question(GuardOperation.Arm, epoch, free, 1);
        }

        for (sbyte node = 0; node < 2; node++)
        {
            yield return new Question(GuardOperation.Open, epoch, -1, node);
            yield return new Question(GuardOperation.Act, epoch, -1, node);
            if (limits.Without == GuardRule.CloseUnderWindow)
                yield return new Question(GuardOperation.Close, epoch, -1, node);
        }

        for (sbyte window = 0; window < 2; window++)
        {
            if ((window == 0 ? sources.First : sources.Second) < 0)
                continue;

            // Either node: what a caller believes to be the source need not be.
            yield return new Question(GuardOperation.Close, epoch, window, 0);
            yield return new Question(GuardOperation.Close, epoch, window, 1);
            yield return new Question(GuardOperation.Commit, epoch, window);
            yield return new Question(GuardOperation.Expire, epoch, window);
            yield return new Question(GuardOperation.Revert, epoch, window);
            yield return new Question(GuardOperation.Complete, epoch, window);
        }
    }

    private int Change(int state, int what, int more, Func<RegisterState, RegisterState> change)
    {
        if (!_changes.TryGetValue((state, what, more), out var next))
            _changes[(state, what, more)] = next = NumberOf(change(_states[state]));

        return next;
    }

    private Answer? AskRules(RegisterState state, GuardRequest request, GuardMoment moment)
    {
        if (RegisterRules.Examine(state, request, moment).Any(refusal => refusal.Rule != limits.Without))
            return null;

        // With a rule off the others must still have something to work on.
        if (state.Window is null && request.Operation is GuardOperation.Commit or GuardOperation.Expire or GuardOperation.Revert)
            return null;

        var ruling = RegisterRules.Apply(state, request, moment);
        return new Answer(NumberOf(ruling.Next), ruling.Attempt, ruling.Generation, ruling.ActOnNodes);
    }

    // Who holds the lease does not matter to any rule that the model asks: it is given to whoever wants it.
    private static string Text(RegisterState state)
    {
        var rights = string.Join(',', state.Rights.Select(pair => pair.Key + pair.Value));
        if (state.Window is not { } window)
            return string.Create(CultureInfo.InvariantCulture, $"{state.Epoch} {rights}");

        return string.Create(CultureInfo.InvariantCulture, $"{state.Epoch} {rights} {window.Plan.WindowId} {Scene.SourceOf(window.Plan)} {window.Epoch} {window.TargetOpened} {window.Routed} {window.Decision} {string.Join(',', window.Closed.Order())} {string.Join(',', window.Opened.Order())}");
    }
}
