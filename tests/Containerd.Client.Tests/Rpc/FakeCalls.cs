using Grpc.Core;

namespace Containerd.Client.Tests.Rpc;

/// <summary>
/// Calls whose answers the test provides or withholds, because a real daemon cannot be stopped at an exact moment of a call.
/// </summary>
internal sealed class FakeCalls : CallInvoker
{
    private readonly TaskCompletionSource<object> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The options of the last call, as they are sent.</summary>
    internal CallOptions Options { get; private set; }

    /// <summary>Whether the call was cancelled on the wire.</summary>
    internal bool IsCancelled { get; private set; }

    internal void Answer(object answer) => _answer.TrySetResult(answer);

    internal void Fail(Exception error) => _answer.TrySetException(error);

    /// <summary>Ends the stream.</summary>
    internal void End() => _next.TrySetResult(false);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    )
    {
        Options = options;
        options.CancellationToken.Register(() => Cancel());
        return new(AnswerAsync<TResponse>(), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], Cancel);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    )
    {
        Options = options;
        return new(new Reader<TResponse>(_next.Task), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], Cancel);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options
    ) => throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options
    ) => throw new NotSupportedException();

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    ) => throw new NotSupportedException();

    private async Task<T> AnswerAsync<T>() => (T)await _answer.Task;

    private void Cancel()
    {
        IsCancelled |= !_answer.Task.IsCompleted && !_next.Task.IsCompleted;
        _answer.TrySetCanceled();
        _next.TrySetCanceled();
    }

    private sealed class Reader<T>(Task<bool> next) : IAsyncStreamReader<T>
    {
        public T Current => default!;

        public Task<bool> MoveNext(CancellationToken cancellationToken) => next.WaitAsync(cancellationToken);
    }
}
