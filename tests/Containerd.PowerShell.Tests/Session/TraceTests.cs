using System.Diagnostics;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>What -Debug, -Verbose and tracers are told of a cmdlet's calls to the daemon.</summary>
public sealed class TraceTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task Debug_shows_each_call_with_its_outcome_and_time_and_no_other_runspaces()
    {
        using var other = DaemonFixture.Open();
        var noise = other.Start("while ($true) { Get-CtrImage }");
        var seen = Debug($"Get-CtrTask {Id}-none -Debug -ErrorAction SilentlyContinue");
        await noise.StopAsync();
        Assert.NotEmpty(seen);
        Assert.All(seen, line =>
            Assert.Matches(
                @"^containerd\.services\.[a-z.0-9]+\.[A-Za-z]+/[A-Za-z]+ \(test-[0-9a-f]+ at unix:///.*\): [A-Za-z]+, [0-9]+\.[0-9] ms$",
                line
            )
        );
        Assert.Contains(seen, line =>
            line.StartsWith("containerd.services.tasks.v1.Tasks/Get ", StringComparison.Ordinal)
            && line.Contains(": NotFound, ", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(seen, line => line.Contains("images.v1.Images", StringComparison.Ordinal));

        Assert.Empty(Debug("Get-CtrTask none* "));
        Assert.Contains(
            Debug("$DebugPreference = 'Continue'; try { Get-CtrTask none* } finally { $DebugPreference = 'SilentlyContinue' }"),
            line => line.Contains("Tasks/List ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Verbose_describes_the_actions()
    {
        var connected = Engine.Invoke($"Connect-CtrSession {DaemonFixture.Daemon.Address} -Name told -Verbose; Disconnect-CtrSession told");
        Assert.Matches("^Connected to unix://.*, containerd 1\\.6.*, as told\\.$", connected.Verbose[0].Message);
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}");
        var done = Engine.Invoke($"Remove-CtrContainer {Id} -Verbose");
        Assert.Equal(
            [
                $"Performing the operation \"Remove container\" on target \"{Id}\".",
                $"Removed container {Id} from namespace {DaemonFixture.Namespace}.",
            ],
            done.Verbose.Select(v => v.Message)
        );
    }

    [Fact]
    public void A_trace_contains_the_cmdlet_and_below_it_each_call()
    {
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Containerd.PowerShell" or "Containerd.Client",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (ended)
                    ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} {Idle}; Get-CtrContainer {Id}; Get-CtrContainer {Id}-none");
        List<Activity> all;
        lock (ended)
            all = [.. ended];
        var creation = Assert.Single(all, a =>
            a.OperationName == "New-CtrContainer" && Children(a).Any(c => Tag(c, "containerd.namespace") == DaemonFixture.Namespace)
        );
        Assert.Contains(Children(creation), c =>
            c.OperationName == "containerd.services.containers.v1.Containers/Create" && c.Kind == ActivityKind.Client
        );
        Assert.All(Children(creation), c =>
            Assert.Equal(("grpc", DaemonFixture.Daemon.Address), (Tag(c, "rpc.system"), Tag(c, "server.address")))
        );
        var failed = all.Where(a => a.OperationName == "Get-CtrContainer")
            .SelectMany(Children)
            .Where(c => c.Status == ActivityStatusCode.Error && Tag(c, "containerd.namespace") == DaemonFixture.Namespace)
            .ToList();
        Assert.NotEmpty(failed);
        Assert.All(failed, c =>
            Assert.Equal(
                ("containerd.services.containers.v1.Containers/Get", "5", "NotFound"),
                (c.OperationName, Tag(c, "rpc.grpc.status_code"), c.StatusDescription)
            )
        );
        Assert.Null(Activity.Current);

        IEnumerable<Activity> Children(Activity parent) => all.Where(a => a.ParentSpanId == parent.SpanId);
        static string? Tag(Activity activity, string name) => activity.GetTagItem(name)?.ToString();
    }

    private List<string> Debug(string script)
    {
        var running = Engine.Start(script);
        var streams = running.Streams;
        running.Wait();
        return [.. streams.Debug.Select(d => d.Message)];
    }
}
