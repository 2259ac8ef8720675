using System.Collections.Concurrent;
using Containerd.Client;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.PowerShell.Tests.Session;
using Containerd.Testing;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>
/// A lease whose creation the daemon carries out only after Ctrl+C: it is deleted after that, and not before, when there is nothing to
/// delete.
/// </summary>
public sealed class GivenUpLeaseTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_lease_that_is_created_after_Ctrl_C_is_removed()
    {
        var late = new LateCreation();
        var session = PrivateDaemon.Unique("late");
        var space = PrivateDaemon.Unique("late");
        var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions
            {
                Address = DaemonFixture.Daemon.Address,
                Namespace = space,
                Name = session,
                Interceptor = late,
            }
        );
        ModuleSessions.Add(client);
        try
        {
            var running = Engine.Start($"Use-CtrLease {{ 'not run' }} -Session {session}");
            await late.Arrived.WaitAsync(TimeSpan.FromSeconds(20));
            await running.StopAsync();
            Assert.Empty(running.Wait().Output);
            Assert.Equal(["Create"], late.Sent);
            late.Release();
            await Eventually.TrueAsync(() => late.Sent.Count == 2);
            Assert.Equal(["Create", "Delete"], late.Sent);
            await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLease -Namespace {space}").Count == 0);
        }
        finally
        {
            late.Release();
            Engine.Require($"Disconnect-CtrSession {session}");
        }
    }

    /// <summary>Holds the request that creates a lease back, and notes in which order requests about leases are made.</summary>
    private sealed class LateCreation : Interceptor
    {
        private readonly TaskCompletionSource _arrived = New();
        private readonly TaskCompletionSource _released = New();

        internal ConcurrentQueue<string> Sent { get; } = new();

        internal Task Arrived => _arrived.Task;

        internal void Release() => _released.TrySetResult();

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation
        )
        {
            if (context.Method.ServiceName != "containerd.services.leases.v1.Leases" || context.Method.Name is not ("Create" or "Delete"))
                return continuation(request, context);
            Sent.Enqueue(context.Method.Name);
            if (context.Method.Name == "Delete")
                return continuation(request, context);
            _arrived.TrySetResult();
            return new(
                LaterAsync(_released.Task, () => continuation(request, context)),
                Task.FromResult(new Metadata()),
                static () => Grpc.Core.Status.DefaultSuccess,
                static () => [],
                static () => { }
            );
        }

        private static async Task<T> LaterAsync<T>(Task released, Func<AsyncUnaryCall<T>> call)
        {
            await released;
            return await call();
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
