using System.Diagnostics;
using Containerd.Client.Tests.Events;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Containerd.Client.Tests.Logs;

/// <summary>A daemon that is killed while it removes a container: the output of the container does not stay for ever.</summary>
public sealed class InterruptedRemovalTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_output_is_removed_by_a_repeated_removal_whether_the_daemon_had_removed_the_container_or_not(bool carriedOut)
    {
        await using var fixture = await EventFixture.StartAsync();
        foreach (var id in new[] { "web", "other" })
        {
            await fixture.RunAsync(id, null, "echo", "output");
            await fixture.Namespace.Tasks.WaitAsync(id);
        }

        var folder = Assert.Single(Folders("web"));
        var kill = new KillAtDelete(fixture.Pid, carriedOut);
        using (
            var client = await ContainerdClient.ConnectAsync(
                new ConnectOptions
                {
                    Address = fixture.Namespace.Session.Address,
                    Namespace = fixture.Namespace.Namespace,
                    Interceptor = kill,
                }
            )
        )
            await Assert.ThrowsAsync<CtrConnectionException>(() => client.In().Containers.RemoveAsync("web", force: true));
        Assert.True(kill.HasKilled);
        Assert.True(Directory.Exists(folder));

        await fixture.ReturnAsync();
        if (carriedOut)
            Assert.Equal(
                ErrorIds.ContainerNotFound,
                (await Assert.ThrowsAsync<CtrNotFoundException>(() => fixture.Namespace.Containers.RemoveAsync("web", force: true))).ErrorId
            );
        else
            await fixture.Namespace.Containers.RemoveAsync("web", force: true);
        Assert.Empty(Folders("web"));
        // What belongs to another container stays.
        Assert.Single(Folders("other"));
        Assert.DoesNotContain("web", await fixture.CtrAsync("containers", "list"), StringComparison.Ordinal);

        string[] Folders(string id) =>
            [
                .. Directory.EnumerateFileSystemEntries(
                    CtrDaemonFolder.DataRootFor(fixture.SocketPath)!,
                    $"{id}~*",
                    SearchOption.AllDirectories
                ),
            ];
    }

    /// <summary>Kills the daemon when the client asks it to delete a container: before the request, or before its answer arrives.</summary>
    private sealed class KillAtDelete(int pid, bool carriedOut) : Interceptor
    {
        internal bool HasKilled { get; private set; }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation
        )
        {
            if (context.Method.FullName != "/containerd.services.containers.v1.Containers/Delete")
                return continuation(request, context);
            HasKilled = true;
            if (!carriedOut)
            {
                Kill();
                return continuation(request, context);
            }

            var call = continuation(request, context);
            return new(LoseAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        private async Task<T> LoseAsync<T>(Task<T> answer)
        {
            await answer.ConfigureAwait(false);
            Kill();
            throw new RpcException(new Status(StatusCode.Unavailable, "The connection was lost before the answer."));
        }

        private void Kill()
        {
            using var daemon = Process.GetProcessById(pid);
            daemon.Kill();
            daemon.WaitForExit();
        }
    }
}
