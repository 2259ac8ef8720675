using Containerd.Host;
using Containerd.Host.Timing;

namespace Containerd.Client.Tests.Timing;

/// <summary>Times that no timer of .NET takes, on a clock that the test moves.</summary>
public sealed class LongTimerTests
{
    private readonly MovedClock _clock = new();

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(1000)]
    public void It_elapses_once_after_the_whole_time(int days)
    {
        var elapsed = 0;
        using var timer = new LongTimer(() => elapsed++, _clock);
        timer.Start(TimeSpan.FromDays(days));
        _clock.Move(TimeSpan.FromDays(days) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, elapsed);
        _clock.Move(TimeSpan.FromSeconds(2));
        Assert.Equal(1, elapsed);
        _clock.Move(TimeSpan.FromDays(days * 2));
        Assert.Equal(1, elapsed);
    }

    [Fact]
    public void The_longest_time_and_no_limit_are_waited_for()
    {
        var elapsed = 0;
        using var timer = new LongTimer(() => elapsed++, _clock);
        foreach (var time in new[] { TimeSpan.MaxValue, Timeout.InfiniteTimeSpan })
        {
            timer.Start(time);
            _clock.Move(TimeSpan.FromDays(1000));
        }

        Assert.Equal(0, elapsed);
    }

    [Fact]
    public void A_restarted_container_counts_from_the_start()
    {
        var elapsed = 0;
        using var timer = new LongTimer(() => elapsed++, _clock);
        timer.Start(TimeSpan.FromDays(30));
        _clock.Move(TimeSpan.FromDays(29));
        timer.Start(TimeSpan.FromDays(30));
        _clock.Move(TimeSpan.FromDays(29));
        Assert.Equal(0, elapsed);
        _clock.Move(TimeSpan.FromDays(2));
        Assert.Equal(1, elapsed);
    }

    [Fact]
    public void A_deadline_distinguishes_its_timeout_from_its_caller()
    {
        using var caller = new CancellationTokenSource();
        using var late = new Deadline(caller.Token, _clock);
        using var early = new Deadline(caller.Token, _clock);
        late.Start(TimeSpan.FromDays(60));
        early.Start(TimeSpan.FromDays(50));
        _clock.Move(TimeSpan.FromDays(55));
        Assert.True(early.IsOver);
        Assert.False(late.Token.IsCancellationRequested);
        caller.Cancel();
        Assert.True(late.Token.IsCancellationRequested);
        Assert.False(late.IsOver);
    }

    [Fact]
    public async Task A_delay_takes_the_whole_time_and_can_be_cancelled()
    {
        var delay = LongTime.DelayAsync(TimeSpan.FromDays(60), _clock, TestContext.Current.CancellationToken);
        _clock.Move(TimeSpan.FromDays(59));
        Assert.False(delay.IsCompleted);
        _clock.Move(TimeSpan.FromDays(2));
        await delay;
        await LongTime.DelayAsync(TimeSpan.FromSeconds(-5), TestContext.Current.CancellationToken);
        using var givenUp = new CancellationTokenSource();
        var other = LongTime.DelayAsync(TimeSpan.FromDays(60), givenUp.Token);
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
    }

    [Fact]
    public void No_sum_exceeds_the_range_of_the_calendar()
    {
        var now = new DateTime(2026, 5, 6, 7, 8, 9, DateTimeKind.Utc);
        Assert.Equal(now.AddDays(60), LongTime.After(now, TimeSpan.FromDays(60)));
        Assert.Null(LongTime.After(now, TimeSpan.FromDays(3_000_000)));
        Assert.Null(LongTime.After(now, TimeSpan.MaxValue));
        Assert.Null(LongTime.After(now, Timeout.InfiniteTimeSpan));
        Assert.Equal(now.AddDays(-60), LongTime.Before(now, TimeSpan.FromDays(60)));
        Assert.Equal(DateTime.MinValue, LongTime.Before(now, TimeSpan.MaxValue));
        Assert.Equal(TimeSpan.MaxValue, LongTime.Comparable(Timeout.InfiniteTimeSpan));
        Assert.Equal(Timeout.InfiniteTimeSpan, LongTime.Setting(TimeSpan.FromDays(60)));
        using var handler = new SocketsHttpHandler { ConnectTimeout = LongTime.Setting(TimeSpan.MaxValue) };
    }

    /// <summary>
    /// Every wait of .NET that a caller's time could reach goes through these classes: the others throw at 24.8 or 49.7 days.
    /// </summary>
    [Fact]
    public void Timeouts_are_implemented_only_with_deadlines()
    {
        var source = Path.Combine(Testing.Repository.Root, "src");
        var offenders = Directory
            .EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains(".CancelAfter(", StringComparison.Ordinal))
            .Select(file => Path.GetFileName(file))
            .Order(StringComparer.Ordinal);
        // Their times are constants.
        Assert.Equal(["BackgroundWork.cs", "CredentialHelper.cs", "RuntimeFeatures.cs"], offenders);
    }
}
