using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Containerd.Client.Transport;

/// <summary>
/// Follows every call to its end. Each has the time that its kind allows (<see cref="CallKinds"/>); a call that changes something is never
/// cancelled on the wire, since
/// containerd may undo half of what it began, or kill a shim under its hooks. gRPC makes an OperationCanceledException of each end that it
/// calls a cancellation: of a
/// daemon that dies, of a deadline, of a session that is closed. Here only the caller's own stays one; the others are failures and come as
/// such. Traces see each call.
/// </summary>
/// <param name="terms">What the calls of the connection have in common.</param>
/// <param name="containerdNamespace">The namespace that the calls are made in, for traces.</param>
internal sealed class CallInterceptor(CallTerms terms, string containerdNamespace) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation
    )
    {
        var kind = CallKinds.Of(context.Method, request);
        var activity = Begin(context.Method);
        var caller = context.Options.CancellationToken;
        if (kind.IsChange())
        {
            var options = context.Options;
            context = new(
                context.Method,
                context.Host,
                new CallOptions(options.Headers, null, default, options.WriteOptions, options.PropagationToken, options.Credentials)
            );
        }

        var call = continuation(request, context);
        var answer = new CallEnd(call.GetStatus, activity, terms.Closed, context.Options.CancellationToken).WatchAsync(call.ResponseAsync);
        // A question with a deadline of its own, such as that of a first connection, has that one.
        var response = context.Options.Deadline is null
            ? new CallWait(terms, context.Method, kind, activity, call.Dispose, caller).ForAsync(answer)
            : answer;
        return new(
            response,
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            kind.IsChange() ? () => DisposeAfter(answer, call) : call.Dispose
        );
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation
    )
    {
        var activity = Begin(context.Method);
        var call = continuation(request, context);
        var end = new CallEnd(call.GetStatus, activity, terms.Closed, context.Options.CancellationToken);
        var wait = Wait(context, activity, call.Dispose);
        return new(
            new Reader<TResponse>(call.ResponseStream, end, wait),
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            end.Before(call.Dispose)
        );
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation
    )
    {
        var activity = Begin(context.Method);
        var call = continuation(context);
        var end = new CallEnd(call.GetStatus, activity, terms.Closed, context.Options.CancellationToken);
        var wait = Wait(context, activity, call.Dispose);
        return new(
            new Writer<TRequest>(call.RequestStream, end, wait),
            new Reader<TResponse>(call.ResponseStream, end, wait),
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            end.Before(call.Dispose)
        );
    }

    private Activity? Begin(IMethod method) => ContainerdTracing.Begin(method, terms.Address, containerdNamespace);

    private CallWait Wait<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, Activity? activity, Action cancel)
        where TRequest : class
        where TResponse : class =>
        new(terms, context.Method, CallKinds.Of(context.Method), activity, cancel, context.Options.CancellationToken);

    private static void DisposeAfter<T>(Task answer, AsyncUnaryCall<T> call)
    {
        if (answer.IsCompleted)
            call.Dispose();
        else
            _ = answer.ContinueWith(
                _ => call.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
    }

    /// <summary>How one call ends.</summary>
    private sealed class CallEnd(Func<Status> status, Activity? activity, Func<CtrException?> closed, CancellationToken callers)
    {
        internal async Task<T> WatchAsync<T>(Task<T> response, CancellationToken reads = default)
        {
            try
            {
                var value = await response.ConfigureAwait(false);
                // A stream has more to come unless it says that it has not.
                if (value is not true)
                    activity.End(StatusCode.OK);
                return value;
            }
            catch (Exception e)
                when (e is OperationCanceledException or ObjectDisposedException
                    && closed() is { } error
                    && !callers.IsCancellationRequested
                    && !reads.IsCancellationRequested
                )
            {
                activity.End(StatusCode.Unavailable);
                throw new RpcException(new Status(StatusCode.Unavailable, error.Message, error));
            }
            catch (OperationCanceledException e)
            {
                if (callers.IsCancellationRequested || reads.IsCancellationRequested)
                {
                    activity.End(StatusCode.Cancelled);
                    throw;
                }

                var how = Status();
                activity.End(how.StatusCode);
                throw new RpcException(how.DebugException is null ? new Status(how.StatusCode, how.Detail, e) : how);
            }
            catch (RpcException e)
            {
                activity.End(e.StatusCode);
                throw;
            }
        }

        /// <summary>Who drops a call before its end has ended it.</summary>
        internal Action Before(Action dispose) =>
            () =>
            {
                activity.End(StatusCode.Cancelled);
                dispose();
            };

        private Status Status()
        {
            try
            {
                return status();
            }
            catch (InvalidOperationException)
            {
                // The call itself has not ended: only what was read or written was given up, and not by the caller.
                return new Status(StatusCode.Cancelled, "The call was given up.");
            }
        }
    }

    private sealed class Reader<T>(IAsyncStreamReader<T> inner, CallEnd end, CallWait wait) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public Task<bool> MoveNext(CancellationToken cancellationToken) =>
            wait.ForAsync(end.WatchAsync(inner.MoveNext(cancellationToken), cancellationToken));
    }

    private sealed class Writer<T>(IClientStreamWriter<T> inner, CallEnd end, CallWait wait) : IClientStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        public Task WriteAsync(T message, CancellationToken cancellationToken) =>
            wait.ForAsync(end.WatchAsync(Written(inner.WriteAsync(message, cancellationToken)), cancellationToken));

        public Task CompleteAsync() => inner.CompleteAsync();

        private static async Task<bool> Written(Task write)
        {
            await write.ConfigureAwait(false);
            return true;
        }
    }
}
