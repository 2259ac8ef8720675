using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>A pull that is canceled, or whose registry stops, can be resumed by the next pull, and leaves nothing permanently.</summary>
public abstract class PullResumeTests(RegistryFixture fixture)
{
    [Fact]
    public async Task A_cancelled_pull_keeps_its_content_under_one_lease_and_the_next_one_resumes()
    {
        var space = fixture.Space();
        var name = $"{fixture.Registry.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(24 << 20))}";
        for (var time = 0; time < 2; time++)
        {
            using var source = new CancellationTokenSource();
            var layer = "";
            var cancelling = new Watch(p =>
            {
                if (p.Total < 1 << 20 || p.Done < (time + 1) * (4 << 20))
                    return;
                layer = p.Item;
                source.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                space.PullAsync(name, watch: cancelling, cancellationToken: source.Token)
            );

            Assert.Empty(await space.ImagesAsync());
            var (leases, ingests) = await space.UnfinishedAsync();
            Assert.Contains("containerd.io/gc.expire", Assert.Single(leases), StringComparison.Ordinal);
            Assert.Contains(layer, Assert.Single(ingests), StringComparison.Ordinal);
            if (time > 0)
                Assert.True(cancelling.StartOf(layer) >= 3 << 20, $"began at {cancelling.StartOf(layer)}");

            // The garbage collector removes none of it.
            await space.CollectAsync();
            Assert.Single((await space.UnfinishedAsync()).Ingests);
        }

        var watch = new Watch();
        await space.PullAsync(name, watch: watch);
        var large = watch.All.First(p => p.Total >= 1 << 20).Item;
        Assert.True(watch.StartOf(large) >= 7 << 20, $"began at {watch.StartOf(large)}");
        await space.AssertWholeAsync();
        await space.CtrAsync("images", "remove", "--sync", name);
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task Complete_layers_of_a_cancelled_pull_are_not_fetched_again()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(2 << 20, layers: 3))}";
        using var source = new CancellationTokenSource();
        var whole = new HashSet<string>();
        var watch = new Watch(p =>
        {
            if (p.Total > 1 << 20 && p.Done == p.Total)
                whole.Add(p.Item);
            if (whole.Count == 2)
                source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            space.PullAsync(name, options: new ImagePullOptions { Parallel = 1 }, watch: watch, cancellationToken: source.Token)
        );
        proxy.Requests.Clear();
        await space.CollectAsync();

        await space.PullAsync(name);
        Assert.DoesNotContain(proxy.Requests, r => r.IsBlob && r.Path.Contains(whole.First(), StringComparison.Ordinal));
        await space.AssertFinishedAsync();
    }

    [Fact]
    public async Task A_registry_that_is_killed_during_a_layer_is_an_error_and_the_next_pull_resumes()
    {
        var space = fixture.Space();
        await using var registry = await TestRegistry.StartAsync();
        var file = space.File("large.tar", RegistryFixture.Large(48 << 20).ToTar());
        await registry.CopyInAsync("oci-archive:" + file, "a:1");
        var name = $"{registry.Host}/a:1";
        var killed = false;
        var killing = new Watch(p =>
        {
            if (killed || p.Total < 1 << 20 || p.Done < 4 << 20)
                return;
            killed = true;
            registry.Kill();
        });

        var error = await Assert.ThrowsAsync<CtrConnectionException>(() => space.PullAsync(name, watch: killing));
        Assert.Equal(ErrorIds.RegistryUnreachable, error.ErrorId);
        Assert.Single((await space.UnfinishedAsync()).Leases);

        await registry.RestartAsync();
        var watch = new Watch();
        await space.PullAsync(name, watch: watch);
        var large = watch.All.First(p => p.Total >= 1 << 20).Item;
        Assert.True(watch.StartOf(large) >= 4 << 20, $"began at {watch.StartOf(large)}");
        await space.AssertWholeAsync();
    }

    [Fact]
    public async Task A_damaged_download_is_not_resumed_forever()
    {
        // A first part that is wrong, and then the registry is right again: the blob as a whole is not what it should be, so it is fetched
        // again.
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(6 << 20))}";
        proxy.Meddle = async request =>
        {
            if (!request.IsBlob)
                return false;
            var answer = await request.FetchAsync();
            if (answer.Length < 1 << 20)
                return false;
            answer[1 << 16] ^= 1;
            await request.Client.WriteAsync(answer.AsMemory(0, 4 << 20));
            return true;
        };
        using (var source = new CancellationTokenSource())
        {
            var watch = new Watch(p =>
            {
                if (p.Total > 1 << 20 && p.Done >= 2 << 20)
                    source.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                space.PullAsync(name, watch: watch, cancellationToken: source.Token)
            );
        }

        proxy.Meddle = null;
        await space.PullAsync(name);
        await space.AssertWholeAsync();
    }

    [Fact]
    public async Task A_session_that_is_closed_during_a_pull_is_an_error_and_the_next_pull_resumes()
    {
        var space = fixture.Space();
        var name = $"{fixture.Registry.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(16 << 20))}";
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = fixture.Daemon.Address },
            TestContext.Current.CancellationToken
        );
        var closing = new Watch(p =>
        {
            if (p.Total > 1 << 20 && p.Done >= 4 << 20)
                client.Dispose();
        });
        var error = await Assert.ThrowsAsync<CtrConnectionException>(() =>
            client
                .In(space.Namespace.Namespace)
                .Images.PullAsync(name, new ImagePullOptions { Registry = Pulls.Quick }, closing, TestContext.Current.CancellationToken)
        );
        Assert.Equal(ErrorIds.SessionClosed, error.ErrorId);
        var watch = new Watch();
        await space.PullAsync(name, watch: watch);
        var large = watch.All.First(p => p.Total >= 1 << 20).Item;
        Assert.True(watch.StartOf(large) >= 3 << 20, $"began at {watch.StartOf(large)}");
        await space.AssertWholeAsync();
    }

    [Fact]
    public async Task A_daemon_that_stops_during_a_pull_is_an_error_and_the_next_pull_succeeds()
    {
        await using var daemon = await PrivateDaemon.StartAsync(fixture.Daemon.Suite);
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = daemon.Address },
            TestContext.Current.CancellationToken
        );
        var images = client.In(daemon.Namespace).Images;
        var name = $"{fixture.Registry.Host}/{await fixture.PutAsync(fixture.Space(), RegistryFixture.Large(16 << 20))}";
        var options = new ImagePullOptions { Registry = Pulls.Quick };
        var killed = false;
        var watch = new Watch(p =>
        {
            if (killed || p.Total < 1 << 20 || p.Done < 2 << 20)
                return;
            killed = true;
            System.Diagnostics.Process.GetProcessById(daemon.Daemon.Pid).Kill();
        });
        Assert.IsAssignableFrom<CtrException>(
            await Record.ExceptionAsync(() => images.PullAsync(name, options, watch, TestContext.Current.CancellationToken))
        );

        // Its supervisor restarts it.
        CtrImage? image = null;
        await Eventually.TrueAsync(() =>
        {
            try
            {
                image = images.PullAsync(name, options).GetAwaiter().GetResult();
                return true;
            }
            catch (CtrConnectionException)
            {
                return false;
            }
        });
        Assert.Equal(name, image!.Name);
        Assert.DoesNotContain("pwsh-", await daemon.CtrAsync("leases", "list"), StringComparison.Ordinal);
    }
}

public sealed class BookwormPullResumeTests(RegistryFixture fixture) : PullResumeTests(fixture), IClassFixture<RegistryFixture>;

public sealed class SidPullResumeTests(SidRegistryFixture fixture) : PullResumeTests(fixture), IClassFixture<SidRegistryFixture>;
