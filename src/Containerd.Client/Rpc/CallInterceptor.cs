using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Containerd.Client;

/// <summary>
/// Follows every call to its end. gRPC makes an OperationCanceledException of each end that it calls a cancellation: of a daemon that dies, of a deadline, of a
/// session that is closed. Here only the caller's own stays one; the others are failures and come as such. Traces see each call.
/// </summary>
/// <param name="address">The daemon's address, for traces.</param>
/// <param name="containerdNamespace">The namespace that the calls are made in, for traces.</param>
/// <param name="closed">Gives the error for a session that was closed under a call; null while it is open.</param>
internal sealed class CallInterceptor(string address, string containerdNamespace, Func<CtrException?> closed) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var activity = Begin(context.Method);
        var call = continuation(request, context);
        var end = new CallEnd(call.GetStatus, activity, closed, context.Options.CancellationToken);
        return new(end.WatchAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var activity = Begin(context.Method);
        var call = continuation(request, context);
        var end = new CallEnd(call.GetStatus, activity, closed, context.Options.CancellationToken);
        return new(new Reader<TResponse>(call.ResponseStream, end), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, end.Before(call.Dispose));
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var activity = Begin(context.Method);
        var call = continuation(context);
        var end = new CallEnd(call.GetStatus, activity, closed, context.Options.CancellationToken);
        return new(
            new Writer<TRequest>(call.RequestStream, end),
            new Reader<TResponse>(call.ResponseStream, end),
            call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, end.Before(call.Dispose));
    }

    private Activity? Begin(IMethod method) => ContainerdTracing.Begin(method, address, containerdNamespace);

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
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && closed() is { } error && !callers.IsCancellationRequested && !reads.IsCancellationRequested)
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
        internal Action Before(Action dispose) => () =>
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

    private sealed class Reader<T>(IAsyncStreamReader<T> inner, CallEnd end) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public Task<bool> MoveNext(CancellationToken cancellationToken) => end.WatchAsync(inner.MoveNext(cancellationToken), cancellationToken);
    }

    private sealed class Writer<T>(IClientStreamWriter<T> inner, CallEnd end) : IClientStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        public Task WriteAsync(T message, CancellationToken cancellationToken) => end.WatchAsync(Written(inner.WriteAsync(message, cancellationToken)), cancellationToken);

        public Task CompleteAsync() => inner.CompleteAsync();

        private static async Task<bool> Written(Task write)
        {
            await write.ConfigureAwait(false);
            return true;
        }
    }
}
