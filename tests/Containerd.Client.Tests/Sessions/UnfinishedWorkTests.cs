using Containerd.Client.Transport;

namespace Containerd.Client.Tests.Sessions;

/// <summary>What is asked of a daemon for a caller who gives up before the answer.</summary>
public sealed class UnfinishedWorkTests : IDisposable
{
    private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _giveUp = new();
    private CancellationToken _asked;
    private int _undone;

    public void Dispose() => _giveUp.Dispose();

    [Fact]
    public async Task An_object_for_a_cancelled_caller_is_removed_once_it_exists()
    {
        var asking = AskAsync();
        await _giveUp.CancelAsync();
        await Task.Delay(50);
        // A request that is called back may still be carried out, after what was to undo it.
        Assert.False(_asked.IsCancellationRequested);
        Assert.False(asking.IsCompleted);
        Assert.Equal(0, _undone);
        _answer.SetResult("made");
        Assert.Equal(_giveUp.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking)).CancellationToken);
        Assert.Equal(1, _undone);
    }

    [Fact]
    public async Task An_object_that_was_not_created_is_not_removed_and_a_cancelled_caller_sends_no_request()
    {
        var asking = AskAsync();
        await _giveUp.CancelAsync();
        _answer.SetException(new CtrConflictException("of another client"));
        await Assert.ThrowsAsync<CtrConflictException>(() => asking);
        Assert.Equal(0, _undone);

        _asked = default;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(AskAsync);
        Assert.False(_asked.CanBeCanceled);
    }

    [Fact]
    public async Task Objects_that_may_have_been_created_are_removed_too()
    {
        var asking = AskAsync();
        await _giveUp.CancelAsync();
        _answer.SetException(new CtrConnectionException("The daemon went away."));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(1, _undone);
    }

    [Fact]
    public async Task An_answer_and_an_error_are_passed_on_unless_the_caller_has_cancelled()
    {
        _answer.SetResult("made");
        Assert.Equal("made", await AskAsync());
        await Assert.ThrowsAsync<CtrConflictException>(() =>
            BackgroundWork.CompleteOrUndoAsync<string>(_ => throw new CtrConflictException("taken"), undo: null, _giveUp.Token)
        );
        Assert.Equal(0, _undone);
    }

    private Task<string> AskAsync() =>
        BackgroundWork.CompleteOrUndoAsync(
            stop =>
            {
                _asked = stop;
                return _answer.Task.WaitAsync(stop);
            },
            _ =>
            {
                _undone++;
                return Task.CompletedTask;
            },
            _giveUp.Token
        );
}
