using StatefulDeploy.Load;
using StatefulDeploy.Load.Accounts;

namespace StatefulDeploy.Harness.Tests;

public sealed class TimelineTests
{
    [Theory]
    [InlineData(0, 100, 40, "all of it")]
    [InlineData(0, 25, 10, "before the silence")]
    [InlineData(35, 40, 40, "inside the silence: it is as long as the client found it")]
    [InlineData(30, 31, 40, "its first moment")]
    [InlineData(70, 80, 10, "after the silence")]
    [InlineData(95, 100, 15, "up to the end")]
    public void The_longest_gap_is_the_one_that_overlaps_the_interval(long from, long to, long longest, string which)
    {
        var timeline = Of(10, 20, 30, 70, 80, 85);
        timeline.End(100);
        Assert.True(longest == timeline.LongestGap(new LedgerInterval(from, to), 1000), which);
    }

    [Fact]
    public void A_client_that_is_not_answered_any_more_has_a_gap_until_now() =>
        Assert.Equal(930, Of(10, 70).LongestGap(new LedgerInterval(60, 500), 1000));

    [Fact]
    public void A_client_that_was_never_answered_has_a_gap_from_its_beginning() =>
        Assert.Equal(1000, Of().LongestGap(new LedgerInterval(60, 500), 1000));

    [Fact]
    public void Answers_of_one_moment_are_no_gap() =>
        Assert.Equal(10, Of(10, 20, 20, 20, 30).LongestGap(new LedgerInterval(20, 25), 40));

    [Fact]
    public void The_longest_wait_is_of_one_question_and_holds_no_pause_between_them()
    {
        var timeline = new Timeline();
        timeline.Add(at: 100, asked: 10);
        timeline.Add(at: 203, asked: 200);
        timeline.Add(at: 400, asked: 395);
        timeline.Add(at: 900, asked: 700);
        Assert.Equal(5, timeline.LongestWait(new LedgerInterval(150, 500)));
        Assert.Equal(200, timeline.LongestWait(new LedgerInterval(150, 701)));
        Assert.Equal(90, timeline.LongestWait(new LedgerInterval(99, 500)));
        Assert.Equal(0, timeline.LongestWait(new LedgerInterval(1000, 2000)));
    }

    [Fact]
    public void Percentiles_are_gaps_that_a_client_saw()
    {
        var gaps = Enumerable.Range(1, 1000).Select(ms => TimeSpan.FromMilliseconds(ms)).Reverse().ToList();
        Assert.Equal(new GapSummary(1000, 500, 990, 1000), GapSummary.Of(gaps));
        Assert.Equal(new GapSummary(1, 7, 7, 7), GapSummary.Of([TimeSpan.FromMilliseconds(7)]));
        Assert.Equal(new GapSummary(0, 0, 0, 0), GapSummary.Of([]));
    }

    private static Timeline Of(params long[] answers)
    {
        var timeline = new Timeline();
        timeline.Begin(0);
        foreach (var answer in answers)
        {
            timeline.Add(answer);
        }

        return timeline;
    }
}
