using Containerd.Client.Workloads.Events;
using Containerd.Client.Workloads.Stats;
using static Containerd.Client.Tests.Events.Lifetimes;

namespace Containerd.Client.Tests.Events;

/// <summary>The reported events of processes: one exit for each life, even if events arrive twice, late or never.</summary>
public sealed class EventLedgerTests
{
    private const long Patience = 4_000;

    /// <summary>
    /// Steps are separated by blanks: c5 creates pid 5, s5 starts it, x5=7 is its exit with code 7, d5=7 its deletion. @ sets the event's
    /// time, and the time of the end of an exit;
    /// other steps are a millisecond apart.
    /// </summary>
    [Theory]
    [InlineData("one life", "c5 s5 x5=7 d5=7", "c5 s5 x5=7 d5=7")]
    [InlineData(
        "the same process id in each life",
        "c5 s5 x5=1 d5=1 c5 s5 x5=2 d5=2 c5 s5 x5=3",
        "c5 s5 x5=1 d5=1 c5 s5 x5=2 d5=2 c5 s5 x5=3"
    )]
    [InlineData("the same process id where only starts and exits are published", "s5 x5=1 s5 x5=2 s5 x5=3", "s5 x5=1 s5 x5=2 s5 x5=3")]
    [InlineData("an exit that is published twice", "c5 s5 x5=7 x5=7", "c5 s5 x5=7")]
    [InlineData("a shim that dies after the exit makes up another code and time", "c5 s5 x5=7 x5=137 d5=137", "c5 s5 x5=7 d5=7")]
    [InlineData(
        "a late exit of the life before, with the same process id",
        "c5@10 s5@11 x5=7@12 d5=7@20 c5@30 s5@31 x5=137@15 x5=8@40",
        "c5 s5 x5=7 d5=7 c5 s5 x5=8"
    )]
    [InlineData(
        "a late exit of the life before, with another process id",
        "c5 s5 x5=7 d5=7 c6 s6 x5=137 x6=8",
        "c5 s5 x5=7 d5=7 c6 s6 x6=8"
    )]
    [InlineData(
        "a late exit of the life before, though no create was published",
        "s5@10 x5=7@12 s5@31 x5=137@15 x5=8@40",
        "s5 x5=7 s5 x5=8"
    )]
    [InlineData(
        "a process so short that its own start is stamped after its end",
        "c5@10 s5@12 x5=7@11 d5=7@20 c5@30 s5@32 x5=8@31",
        "c5 s5 x5=7 d5=7 c5 s5 x5=8"
    )]
    [InlineData("a task that is killed before its start", "c5 x5=137 d5=137", "c5 d5=?")]
    [InlineData("a task whose shim could not make it, with process id 0 or -1", "c0 x0=255 x-1=137 d0=255", "c0 d0=?")]
    [InlineData("a process id of 0 or -1 for what nothing is known of", "x0=137 x-1=255", "")]
    [InlineData("a shim that dies under a process and cannot say which", "c5 s5 x0=255", "c5 s5 x5=?")]
    [InlineData("a shim that dies under a process and is cleared away", "c5 s5 x5=137 d5=137", "c5 s5 x5=137 d5=137")]
    [InlineData("exits of processes whose starts were before the subscription", "x77=5 x77=5 x78=5", "x77=5 x78=5")]
    [InlineData("a deletion that is published twice", "c5 s5 x5=7 d5=7 d5=7", "c5 s5 x5=7 d5=7")]
    [InlineData("a deletion that was lost shows in the next creation", "c5 s5 x5=7 c6 s6 x6=8", "c5 s5 x5=7 d5=7! c6 s6 x6=8")]
    [InlineData("a lost exit shows in the deletion", "c5 s5 d5=7", "c5 s5 x5=7! d5=7")]
    [InlineData("starts alone, of ever other processes", "s1 s2 s3 s4", "s1 s2 s3 s4")]
    [InlineData("the exit of a process that another start has overtaken", "s5@10 s6@20 x5=1@15 x6=2@30 x5=137@16", "s5 s6 x5=1 x6=2")]
    public void A_life_has_one_exit(string what, string published, string reported)
    {
        var ledger = new EventLedger(Patience);
        var clock = 0L;
        var seen = published
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(step => ledger.Observe(Parse(step, ref clock), clock))
            .Select(Write);
        Assert.True(reported == string.Join(' ', seen), $"{what}: {string.Join(' ', seen)}");
    }

    [Fact]
    public void A_lost_exit_is_awaited_before_the_next_life_is_reported()
    {
        var late = new EventLedger(Patience);
        Feed(late, 0, "c5@10 s5@11");
        Assert.Equal("", Feed(late, 100, "c6@50 s6@51"));
        Assert.Equal("x5=7 d5=7! c6 s6", Feed(late, 200, "x5=7@20"));
        Assert.Equal("x6=8", Feed(late, 300, "x6=8@60"));

        var never = new EventLedger(Patience);
        Feed(never, 0, "c5@10 s5@11");
        Assert.Equal("", Feed(never, 100, "c5@50 s5@51 x5=8@60"));
        Assert.Empty(never.Expire(100 + Patience - 1));
        Assert.Equal("x5=?! d5=?! c5 s5 x5=8", Write(never.Expire(100 + Patience)));
        Assert.Null(never.Deadline);
        Assert.Equal("", Feed(never, 9000, "x5=7@20"));
    }

    [Fact]
    public void An_exit_before_the_subscription_is_not_reported_but_its_own_late_event_is()
    {
        var ledger = new EventLedger(Patience);
        ledger.Begin([
            new("c", "c", 5, CtrStatus.Stopped, 7, At(10)),
            new("d", "d", 6, CtrStatus.Stopped, 7, At(10)),
            new("e", "e", 8, CtrStatus.Running),
        ]);
        Assert.Equal("x5=7", Write(ledger.Observe(Exit("c", 5, 7, 10), 0)));
        Assert.Equal("", Write(ledger.Observe(Exit("c", 5, 137, 11), 0)));
        Assert.Equal("", Write(ledger.Observe(Exit("d", 6, 137, 11), 0)));
        Assert.Equal("d6=7", Write(ledger.Observe(Delete("d", 6, 137, 11, 12), 0)));
        Assert.Equal("x8=1", Write(ledger.Observe(Exit("e", 8, 1, 20), 0)));
    }

    [Fact]
    public void Events_of_a_life_that_the_state_showed_before_do_not_start_a_second_one()
    {
        var ledger = new EventLedger(Patience);
        ledger.Begin([new("c", "c", 5, CtrStatus.Running), new("d", "d", 6, CtrStatus.Stopped, 7, At(12))]);
        Assert.Equal("c5 s5", Feed(ledger, 0, "c5@10 s5@11"));
        Assert.Equal("x5=1", Feed(ledger, 0, "x5=1@20"));
        Assert.Equal("c6 s6 x6=7", Write(Each(ledger, Create("d", 6, 10), Started("d", 6, 13), Exit("d", 6, 7, 12))));
        Assert.Equal("", Write(ledger.Observe(Exit("d", 6, 137, 30), 0)));
    }

    [Theory]
    // The known events, the state, the events that are reported at once, and those that are reported if no other event arrives.
    [InlineData("c5 s5", "running 5", "", "")]
    [InlineData("c5 s5", "stopped 5 7", "x5=7!", "")]
    [InlineData("c5 s5", "nothing", "", "x5=?!")]
    [InlineData("c5 s5", "unknown 0", "", "")]
    [InlineData("c5 s5", "running 6", "", "x5=?! d5=?! s6!")]
    [InlineData("c5 s5", "stopped 6 9", "", "x5=?! d5=?! x6=9!")]
    [InlineData("c5 s5", "created 6", "", "x5=?! d5=?!")]
    [InlineData("c5 s5", "created 5", "", "x5=?! d5=?!")]
    [InlineData("c5 s5 x5=7", "running 5", "d5=7! s5!", "")]
    [InlineData("c5 s5 x5=7@20", "stopped 5 7", "", "")]
    [InlineData("c5 s5 x5=7@5", "stopped 5 8", "d5=7! x5=8!", "")]
    [InlineData("c5 s5 x5=7", "nothing", "", "")]
    [InlineData("c5 s5 x5=7 d5=7", "running 6", "s6!", "")]
    [InlineData("c5 s5 x5=7 d5=7", "stopped 6 9", "x6=9!", "")]
    [InlineData("", "running 6", "s6!", "")]
    [InlineData("", "stopped 6 9", "x6=9!", "")]
    [InlineData("", "created 6", "", "")]
    [InlineData("c5", "running 5", "s5!", "")]
    [InlineData("c5", "stopped 5 3", "x5=3!", "")]
    public void After_a_gap_the_state_shows_what_was_missed(string known, string state, string atOnce, string later)
    {
        var ledger = new EventLedger(Patience);
        Feed(ledger, 0, known);
        ledger.BeginReading();
        var shown = state.Split(' ');
        List<ProcessReport> reports = shown is ["nothing"]
            ? []
            :
            [
                new(
                    "c",
                    "c",
                    int.Parse(shown[1], null),
                    Enum.Parse<CtrStatus>(shown[0], ignoreCase: true),
                    shown.Length > 2 ? int.Parse(shown[2], null) : 0,
                    shown.Length > 2 ? At(20) : null
                ),
            ];
        Assert.Equal(atOnce, Write(ledger.Compare(reports, 1000, afterGap: true)));
        Assert.Equal(later, Write(ledger.Expire(1000 + Patience)));
        // Later events for the open life belong to a closed one.
        if (atOnce.StartsWith("x5", StringComparison.Ordinal) || later.StartsWith("x5", StringComparison.Ordinal))
            Assert.Equal("", Feed(ledger, 9000, "x5=137@30"));
    }

    [Fact]
    public void Without_a_gap_the_state_is_used_only_if_it_is_stable()
    {
        var ledger = new EventLedger(Patience);
        Feed(ledger, 0, "c5 s5 x5=7");
        Assert.Empty(Audit(0));
        Assert.Empty(Audit(Patience - 1));
        Assert.Equal("d5=7!", Write(Audit(Patience)));
        Assert.Empty(Audit(Patience * 3));
        Assert.Equal("", Feed(ledger, 0, "d5=137"));

        // An event in between removes the suspicion; an event during the reading of the state makes that reading invalid.
        Feed(ledger, 0, "c6 s6");
        Assert.Empty(Audit(0));
        Assert.Equal("x6=1", Feed(ledger, 0, "x6=1"));
        Assert.Empty(Audit(Patience));
        ledger.BeginReading();
        Assert.Equal("d6=1", Feed(ledger, 0, "d6=1"));
        Assert.Empty(ledger.Compare([], Patience * 3, afterGap: false));

        // Exits that were lost.
        Feed(ledger, 0, "c7 s7");
        Assert.Empty(Audit(0, new ProcessReport("c", "c", 7, CtrStatus.Stopped, 3, At(1))));
        Assert.Equal("x7=3!", Write(Audit(Patience, new ProcessReport("c", "c", 7, CtrStatus.Stopped, 3, At(1)))));
        Feed(ledger, 0, "d7=3 c8 s8");
        Assert.Empty(Audit(0));
        Assert.Equal("x8=?!", Write(Audit(Patience)));

        IReadOnlyList<CtrEvent> Audit(long now, params ProcessReport[] state)
        {
            ledger.BeginReading();
            return ledger.Compare(state, now, afterGap: false);
        }
    }

    [Fact]
    public void Execs_have_separate_lives_and_end_with_their_task()
    {
        var ledger = new EventLedger(Patience);
        CtrEvent Exec(CtrEventType type, int pid, int? code = null) =>
            new()
            {
                Type = type,
                ContainerId = "c",
                ProcessId = "x",
                Pid = pid,
                ExitCode = code,
                Timestamp = At(5),
            };
        Feed(ledger, 0, "c5 s5");
        Assert.Equal(
            "ExecAdded ExecStarted Exit",
            Types(
                Each(
                    ledger,
                    Exec(CtrEventType.ExecAdded, 0),
                    Exec(CtrEventType.ExecStarted, 6),
                    Exec(CtrEventType.Exit, 6, 3),
                    Exec(CtrEventType.Exit, 6, 137)
                )
            )
        );
        // A process that could not be started.
        Assert.Equal(
            "ExecAdded",
            Types(Each(ledger, Exec(CtrEventType.ExecAdded, 0), Exec(CtrEventType.Exit, 0, 255), Exec(CtrEventType.Exit, 9, 255)))
        );
        Assert.Equal("ExecAdded ExecStarted", Types(Each(ledger, Exec(CtrEventType.ExecAdded, 0), Exec(CtrEventType.ExecStarted, 6))));
        Assert.Equal([("c", "c"), ("c", "x")], ledger.Expected.Order());
        Assert.Equal("x5=1 d5=1", Feed(ledger, 10, "x5=1 d5=1"));
        // The exec's exit was lost; the next task shows that the exec has ended.
        Assert.Equal("", Feed(ledger, 20, "c7"));
        Assert.Equal(
            [("x", 6, CtrEventType.Exit), ("c", 7, CtrEventType.Create)],
            ledger.Expire(20 + Patience).Select(e => (e.ProcessId, e.Pid, e.Type))
        );
    }

    [Theory]
    // The state after a gap in which the exec may have been started, what is reported then, and what its late exit and start give.
    [InlineData(CtrStatus.Stopped, 6, "Exit", "", ErrorIds.ExecStarted)]
    [InlineData(CtrStatus.Running, 6, ErrorIds.ExecStarted, "Exit", "")]
    [InlineData(CtrStatus.Unknown, 0, "", "Exit", ErrorIds.ExecStarted)]
    [InlineData(null, 0, "", "Exit", ErrorIds.ExecStarted)]
    [InlineData(CtrStatus.Stopped, 0, "", "Exit", ErrorIds.ExecStarted)]
    // It was not started before the stream was up again, so what has ended is another process.
    [InlineData(CtrStatus.Created, 0, "", "", ErrorIds.ExecStarted)]
    public void An_exec_that_was_created_before_a_gap_has_one_exit(CtrStatus? status, int pid, string atOnce, string exit, string start)
    {
        var ledger = new EventLedger(Patience);
        CtrEvent Exec(CtrEventType type, long at, int pid = 6) =>
            new()
            {
                Type = type,
                ContainerId = "c",
                ProcessId = "x",
                Pid = pid,
                Timestamp = At(at),
                ExitCode = type == CtrEventType.Exit ? 3 : null,
                ExitedAt = type == CtrEventType.Exit ? At(at) : null,
            };
        Feed(ledger, 0, "c5 s5");
        Each(ledger, Exec(CtrEventType.ExecAdded, 3, 0));
        Assert.Equal([("c", "c"), ("c", "x")], ledger.Expected.Order());
        ledger.BeginReading();
        List<ProcessReport> shown = [new("c", "c", 5, CtrStatus.Running)];
        if (status is { } known)
            shown.Add(new("c", "x", pid, known, 3, known == CtrStatus.Stopped ? At(20) : null));
        Assert.Equal(atOnce, Types(ledger.Compare(shown, 1000, afterGap: true)));
        Assert.Equal(exit, Types(ledger.Observe(Exec(CtrEventType.Exit, 20), 1000)));
        Assert.Equal("", Types(ledger.Observe(Exec(CtrEventType.Exit, 21), 1000)));
        // A shim that retries can deliver the start after the exit. That does not start another life.
        Assert.Equal(start, Types(ledger.Observe(Exec(CtrEventType.ExecStarted, 10), 1000)));
        List<ProcessReport> later = status == CtrStatus.Created ? [shown[0], new("c", "x", 6, CtrStatus.Running)] : [shown[0]];
        ledger.BeginReading();
        Assert.Empty(ledger.Compare(later, 5000, afterGap: false));
        Assert.Empty(ledger.Compare(later, 5000 + Patience, afterGap: false));
    }

    [Fact]
    public void It_does_not_grow_with_what_has_ended()
    {
        var ledger = new EventLedger(Patience);
        for (var i = 0; i < 120_000; i++)
        {
            var id = $"c{i}";
            Each(
                ledger,
                Of(CtrEventType.ContainerCreate, id),
                Create(id, 5, 1),
                Started(id, 5, 2),
                Exit(id, 5, 0, 3),
                Delete(id, 5, 0, 3, 4),
                Of(CtrEventType.ContainerDelete, id)
            );
        }

        Assert.InRange(ledger.Count, 1, 50_001);
        Assert.Empty(ledger.Expected);
    }

    /// <summary>
    /// Lives with few process ids, so that they are used again at once; second exits that arrive at any time; tasks that never start;
    /// deletions that are lost; processes
    /// that end before their start is stamped. Each started life is reported to have ended once, with its own code, in order.
    /// </summary>
    [Fact]
    public void Any_interleaving_reports_the_exit_of_each_life()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var ledger = new EventLedger(Patience);
            var published = new List<CtrEvent>();
            var late = new List<(int NotBefore, CtrEvent Event)>();
            var expected = new Dictionary<string, List<int>> { ["a"] = [], ["b"] = [] };
            var time = 0L;
            for (var life = 1; life <= 8; life++)
            {
                foreach (var id in expected.Keys)
                {
                    var pid = random.Next(1, 3);
                    published.Add(Create(id, pid, time += 10));
                    var starts = random.Next(5) > 0;
                    var ended = time + 5;
                    if (starts)
                    {
                        expected[id].Add(life);
                        published.Add(Started(id, pid, time += random.Next(2) * 10));
                    }

                    published.Add(Exit(id, pid, starts ? life : 137, ended, time += 10));
                    for (var second = random.Next(3); second > 0; second--)
                        late.Add((published.Count, Exit(id, pid, 137, time += 1)));
                    time += 10;
                    if (random.Next(4) > 0)
                        published.Add(Delete(id, pid, random.Next(2) == 0 ? life : 137, ended, time));
                }
            }

            // From the last one, so that earlier positions stay correct.
            foreach (var (notBefore, e) in late.AsEnumerable().Reverse())
                published.Insert(random.Next(notBefore, Math.Min(published.Count, notBefore + 8) + 1), e);
            var reported = Each(ledger, [.. published]);
            foreach (var (id, codes) in expected)
            {
                Assert.True(
                    codes.SequenceEqual(
                        reported.Where(e => e.Type == CtrEventType.Exit && e.ContainerId == id).Select(e => e.ExitCode!.Value)
                    ),
                    $"seed {seed}, {id}: {Write(published.Where(e => e.ContainerId == id))} gave {Write(reported.Where(e => e.ContainerId == id))}"
                );
                // Each creation but the last one is known to have been followed by a deletion, whether that was published or not.
                Assert.InRange(reported.Count(e => e.Type == CtrEventType.Delete && e.ContainerId == id), 7, 8);
            }
        }
    }

    /// <summary>
    /// The stream is down for a while in the middle; afterwards the daemon either knows how a task ended or has forgotten it. No life ends
    /// twice, none gets another one's code,
    /// and each one of which a trace was left is reported to have ended.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_any_interruption_no_life_ends_twice_and_none_that_left_a_trace_is_unreported(bool remembers)
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var ledger = new EventLedger(Patience);
            var history = new List<(int Life, CtrEvent Event)>();
            var time = 0L;
            for (var life = 1; life <= 5; life++)
            {
                var pid = 10 + random.Next(1, 3);
                history.Add((life, Create("c", pid, time += 10)));
                history.Add((life, Started("c", pid, time += 10)));
                history.Add((life, Exit("c", pid, life, time + 4, time += 10)));
                history.Add((life, Delete("c", pid, life, time - 6, time += 10)));
            }

            var from = random.Next(history.Count);
            var to = random.Next(from, history.Count);
            var reported = Each(ledger, [.. history.Take(from).Select(h => h.Event)]);
            ledger.BeginReading();
            var (last, shown) = to == 0 ? (0, null) : State(history[to - 1]);
            reported.AddRange(
                ledger.Compare(
                    shown is null ? [] : [shown],
                    0,
                    afterGap: true,
                    At(time = to == 0 ? 0 : (long)(history[to - 1].Event.Timestamp - Lifetimes.Start).TotalMilliseconds)
                )
            );
            // The exit that was under way may come late, or never.
            var under = history.Take(from).LastOrDefault();
            var lateExit =
                under.Event?.Type == CtrEventType.Start
                && random.Next(2) == 0
                && history.FindIndex(h => h.Life == under.Life && h.Event.Type == CtrEventType.Exit) < to;
            if (lateExit)
                reported.AddRange(ledger.Observe(Exit("c", under.Event!.Pid, under.Life, Ended(under.Life)), 100));
            reported.AddRange(ledger.Expire(Patience));
            reported.AddRange(Each(ledger, [.. history.Skip(to).Select(h => h.Event)]));
            reported.AddRange(ledger.Expire(Patience * 10));

            var exits = reported.Where(e => e.Type == CtrEventType.Exit).ToList();
            var told = $"seed {seed}, {from} to {to}, late {lateExit}: {Write(reported)}";
            Assert.True(
                exits.Where(e => e.ExitCode is not null).Select(e => e.ExitCode).Distinct().Count()
                    == exits.Count(e => e.ExitCode is not null),
                told
            );
            var traces = history
                .Take(from)
                .Concat(history.Skip(to))
                .Where(h => h.Event.Type is CtrEventType.Start or CtrEventType.Exit)
                .Select(h => h.Life)
                .Concat(shown?.Status is CtrStatus.Running or CtrStatus.Stopped ? [last] : [])
                .Distinct()
                .Count();
            // The state shows no difference between a life and a later one with the same process id, unless the exit between them comes
            // late.
            if (
                under.Event?.Type == CtrEventType.Start
                && !lateExit
                && last != under.Life
                && shown?.Pid == under.Event.Pid
                && shown.Status != CtrStatus.Created
            )
                traces--;
            Assert.True(exits.Count == traces, $"{told}: {traces} lives left a trace");

            (int Life, ProcessReport? Shown) State((int Life, CtrEvent Event) latest) =>
                (
                    latest.Life,
                    latest.Event.Type switch
                    {
                        CtrEventType.Create => new("c", "c", latest.Event.Pid, CtrStatus.Created),
                        CtrEventType.Start => new("c", "c", latest.Event.Pid, CtrStatus.Running),
                        CtrEventType.Exit when remembers => new(
                            "c",
                            "c",
                            latest.Event.Pid,
                            CtrStatus.Stopped,
                            latest.Life,
                            latest.Event.ExitedAt
                        ),
                        _ => null,
                    }
                );

            long Ended(int life) =>
                (long)
                    (
                        history.First(h => h.Life == life && h.Event.Type == CtrEventType.Exit).Event.ExitedAt!.Value - Lifetimes.Start
                    ).TotalMilliseconds;
        }
    }

    private static string Feed(EventLedger ledger, long now, string steps)
    {
        var clock = now;
        return Write(
            steps.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(step => ledger.Observe(Parse(step, ref clock), now)).ToList()
        );
    }

    private static List<CtrEvent> Each(EventLedger ledger, params CtrEvent[] events) => [.. events.SelectMany(e => ledger.Observe(e, 0))];

    private static CtrEvent Parse(string step, ref long clock)
    {
        clock++;
        var parts = step[1..].Split('=', '@');
        var pid = int.Parse(parts[0], null);
        var at = step.Contains('@', StringComparison.Ordinal) ? long.Parse(parts[^1], null) : clock;
        return step[0] switch
        {
            'c' => Create("c", pid, at),
            's' => Started("c", pid, at),
            'x' => Exit("c", pid, int.Parse(parts[1], null), at),
            _ => Delete("c", pid, int.Parse(parts[1], null), at, at),
        };
    }

    private static string Types(IEnumerable<CtrEvent> events) => string.Join(' ', events.Select(e => e.Type));

    private static string Write(IEnumerable<CtrEvent> events) => string.Join(' ', events.Select(Write));

    private static string Write(CtrEvent e)
    {
        var code = e.Type is CtrEventType.Exit or CtrEventType.Delete
            ? $"={(e.ExitCode is int known ? $"{known}" : e.Error is null ? "" : "?")}"
            : "";
        return $"{e.Type switch { CtrEventType.Create => "c", CtrEventType.Start => "s", CtrEventType.Exit => "x", _ => "d" }}{e.Pid}{code}{(e.Reconciled ? "!" : "")}";
    }
}
