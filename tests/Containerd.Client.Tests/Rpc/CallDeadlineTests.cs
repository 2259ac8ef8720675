using System.Diagnostics;
using Containerd.Client.Transport;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Tasks = Containerd.Client.Wire.Tasks;
using WireEvents = Containerd.Client.Wire.EventService;

namespace Containerd.Client.Tests.Rpc;

/// <summary>A daemon that does not answer: which calls time out and when, which stay open, and the error.</summary>
public sealed class CallDeadlineTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(600);

    private readonly FakeCalls _wire = new();
    private SilentParty? _silent;
    private int _probes;

    [Theory]
    [InlineData(
        null,
        ErrorIds.ShimTimedOut,
        "The shim of container 'web' did not answer Tasks.Get within *; the daemon answers other calls."
    )]
    [InlineData("Daemon", ErrorIds.DaemonTimedOut, "The daemon at unix:///x did not answer Tasks.Get within *, nor any other call.")]
    [InlineData("Ssh", ErrorIds.SshTimedOut, "The ssh connection to unix:///x did not carry an answer to Tasks.Get within *.")]
    public async Task A_read_that_is_not_answered_ends_after_the_operation_timeout_and_names_the_silent_party(
        string? party,
        string id,
        string message
    )
    {
        _silent = party is null ? null : Enum.Parse<SilentParty>(party);
        var clock = Stopwatch.StartNew();
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() => Stub(Short).GetAsync(new()).TranslateErrors(Resource.Task, "web"));
        // A timer counts whole ticks of the system, and can be early by a part of a tick.
        Assert.True(clock.Elapsed >= Short * 0.9, $"It took {clock.Elapsed}.");
        Assert.Equal((id, "web"), (error.ErrorId, error.Subject));
        Assert.Matches("^" + System.Text.RegularExpressions.Regex.Escape(message).Replace("\\*", "[0-9.ms]+") + "$", error.Message);
        Assert.NotNull(error.Remedy);
        // The result of the read is not needed.
        Assert.True(_wire.IsCancelled);
        Assert.Equal(1, _probes);
    }

    [Fact]
    public async Task An_answer_in_time_needs_no_check_and_no_limit_means_none()
    {
        var asking = Stub(Short).GetAsync(new()).TranslateErrors(Resource.Task, "web");
        _wire.Answer(new Tasks.GetResponse { Process = new() { Id = "web" } });
        Assert.Equal("web", (await asking).Process.Id);
        Assert.Equal(0, _probes);

        var unlimited = new FakeCalls();
        var waiting = new Tasks.Tasks.TasksClient(Over(unlimited, Timeout.InfiniteTimeSpan))
            .GetAsync(new())
            .TranslateErrors(Resource.Task, "web");
        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(Short * 2));
        unlimited.Answer(new Tasks.GetResponse());
        await waiting;
    }

    [Fact]
    public async Task A_change_that_is_not_answered_stays_open_on_the_wire_and_the_error_says_so()
    {
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() => Stub(Short).KillAsync(new()).TranslateErrors(Resource.Task, "web"));
        Assert.Matches(
            "^The shim of container 'web' did not answer Tasks.Kill within [0-9.ms]+; the daemon answers other calls. The daemon may still carry out the call.$",
            error.Message
        );
        Assert.False(_wire.IsCancelled);
        Assert.Null(_wire.Options.Deadline);
        Assert.True(error.IsUnanswered());
    }

    [Fact]
    public async Task A_cancelled_caller_stops_waiting_for_a_change_immediately_and_does_not_cancel_it()
    {
        using var caller = new CancellationTokenSource();
        var killing = Stub(TimeSpan.FromMinutes(5)).KillAsync(new(), cancellationToken: caller.Token).TranslateErrors(Resource.Task, "web");
        await caller.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => killing.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(caller.Token, error.CancellationToken);
        Assert.False(_wire.Options.CancellationToken.CanBeCanceled);
        Assert.False(_wire.IsCancelled);
    }

    [Fact]
    public async Task The_result_of_an_unanswered_change_is_undone_when_the_answer_arrives()
    {
        var undone = new TaskCompletionSource();
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() =>
            BackgroundWork.CompleteOrUndoAsync(
                stop => Stub(Short).ExecAsync(new(), cancellationToken: stop).TranslateErrors(Resource.Exec, "web/e"),
                _ =>
                {
                    undone.SetResult();
                    return Task.CompletedTask;
                },
                CancellationToken.None
            )
        );
        Assert.EndsWith(". If the daemon still carries out the call, the client undoes it.", error.Message, StringComparison.Ordinal);
        Assert.False(undone.Task.IsCompleted);
        _wire.Answer(new Google.Protobuf.WellKnownTypes.Empty());
        await undone.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_late_rejection_is_not_undone_because_the_object_belongs_to_another_client()
    {
        var undone = false;
        await Assert.ThrowsAsync<CtrTimeoutException>(() =>
            BackgroundWork.CompleteOrUndoAsync(
                stop => Stub(Short).ExecAsync(new(), cancellationToken: stop).TranslateErrors(Resource.Exec, "web/e"),
                _ =>
                {
                    undone = true;
                    return Task.CompletedTask;
                },
                CancellationToken.None
            )
        );
        _wire.Fail(new RpcException(new Status(StatusCode.AlreadyExists, "exists")));
        await Task.Delay(200);
        Assert.False(undone);
    }

    [Fact]
    public async Task A_stream_stays_open_as_long_as_the_daemon_answers_and_ends_when_it_does_not()
    {
        using var call = new WireEvents.Events.EventsClient(Over(_wire, TimeSpan.FromMilliseconds(200))).Subscribe(new());
        var next = call.ResponseStream.MoveNext(CancellationToken.None);
        // Ten times the operation timeout, and a question every 100 ms.
        await Assert.ThrowsAsync<TimeoutException>(() => next.WaitAsync(TimeSpan.FromSeconds(2)));
        Assert.True(_probes > 2, $"The daemon was asked {_probes} times.");
        _silent = SilentParty.Daemon;
        var error = await Assert.ThrowsAsync<RpcException>(() => next.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(ErrorIds.DaemonTimedOut, Assert.IsType<CtrTimeoutException>(RpcErrors.Translate(error, Resource.Event, null)).ErrorId);
        Assert.True(_wire.IsCancelled);
    }

    [Fact]
    public async Task A_slow_change_does_not_wait_for_minutes_when_the_daemon_is_silent()
    {
        _silent = SilentParty.Daemon;
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() =>
            Stub(TimeSpan.FromSeconds(1)).CreateAsync(new()).TranslateErrors(Resource.Task, "web").WaitAsync(TimeSpan.FromSeconds(15))
        );
        Assert.Equal(ErrorIds.DaemonTimedOut, error.ErrorId);
        Assert.False(_wire.IsCancelled);
    }

    [Fact]
    public async Task Hooks_may_take_longer_than_the_operation_timeout()
    {
        var creating = Stub(TimeSpan.FromMilliseconds(300)).CreateAsync(new()).TranslateErrors(Resource.Task, "web");
        await Assert.ThrowsAsync<TimeoutException>(() => creating.WaitAsync(TimeSpan.FromSeconds(1.5)));
        _wire.Answer(new Tasks.CreateTaskResponse { Pid = 7 });
        Assert.Equal(7u, (await creating).Pid);
    }

    [Fact]
    public async Task The_clean_up_after_a_timeout_does_not_wait_for_a_second_timeout()
    {
        _silent = SilentParty.Daemon;
        var stub = Stub(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<CtrTimeoutException>(() => stub.GetAsync(new()).TranslateErrors(Resource.Task, "web"));
        var clock = Stopwatch.StartNew();
        var silent = new FakeCalls();
        await Assert.ThrowsAsync<CtrTimeoutException>(() =>
            new Tasks.Tasks.TasksClient(Over(silent, null)).KillAsync(new()).TranslateErrors(Resource.Task, "web")
        );
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2.5));
        Assert.False(silent.IsCancelled);
    }

    [Fact]
    public async Task A_shim_that_does_not_answer_the_daemon_is_named()
    {
        _wire.Fail(new RpcException(new Status(StatusCode.DeadlineExceeded, "context deadline exceeded")));
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() =>
            Stub(Short).ListPidsAsync(new()).TranslateErrors(Resource.Task, "web")
        );
        Assert.Equal(ErrorIds.ShimTimedOut, error.ErrorId);
        Assert.Contains("'web'", error.Message, StringComparison.Ordinal);
    }

    private CallTerms? _terms;

    private Tasks.Tasks.TasksClient Stub(TimeSpan operation) => new(Over(_wire, operation));

    private CallInvoker Over(FakeCalls wire, TimeSpan? operation)
    {
        if (operation is { } time)
        {
            var limits = new CallLimits(time);
            _terms = new CallTerms
            {
                Address = "unix:///x",
                Limits = limits,
                Probe = _ => Probe(),
                Heartbeat = new Heartbeat(limits.HeartbeatInterval, Probe),
                Closed = () => null,
            };
        }

        return wire.Intercept(new CallInterceptor(_terms!, "test"));
    }

    private Task<SilentParty?> Probe()
    {
        Interlocked.Increment(ref _probes);
        return Task.FromResult(_silent);
    }
}
