using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Containerd.Client.Transport;

/// <summary>
/// Monitors every call until its end. Each has the time limit of its kind (<see cref="CallKinds"/>). A call that changes something is never
/// cancelled on the wire, because containerd might undo half of its work, or kill a shim during its hooks. gRPC throws an
/// OperationCanceledException for everything that it considers a cancellation: a daemon that dies, a deadline, a closed session. Here only
/// the caller's own cancellation remains one; the others become failures. Each call is traced.
/// </summary>
/// <param name="terms">The common state of the connection's calls.</param>
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
        // A call with its own deadline, such as that of a first connection, keeps it.
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

    /// <summary>The end of a call.</summary>
    private sealed class CallEnd(Func<Status> status, Activity? activity, Func<CtrException?> closed, CancellationToken callers)
    {
        internal async Task<T> WatchAsync<T>(Task<T> response, CancellationToken reads = default)
        {
            try
            {
                var value = await response.ConfigureAwait(false);
                // A stream continues until it reports its end.
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

        /// <summary>Disposing a call before its end cancels it.</summary>
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
                // The call itself has not ended: only a read or a write was cancelled, and not by the caller.
                return new Status(StatusCode.Cancelled, "The call was cancelled.");
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
