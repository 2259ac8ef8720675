using System.Text.Json.Nodes;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Checkpoints;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Tests.Networks;

/// <summary>A spec that several clients change at the same time: no change is lost.</summary>
public sealed class SpecChangeTests
{
    [Fact]
    public async Task A_change_of_a_spec_waits_for_another_one()
    {
        await using var daemon = await NetworkDaemon.StartAsync("bookworm", "runc");
        await daemon.CreateAsync("web", "exec sleep 1000");
        await daemon.Ns.Tasks.StartAsync("web", new TaskStartOptions { NoLog = true });
        await daemon.CreateAsync("named", "exec sleep 1000", port: 8081);
        await daemon.Ns.Names.RenameAsync("named", "shop");
        foreach (
            var (id, change, isKept) in new (string, Func<Task>, Func<CtrSpec, bool>)[]
            {
                (
                    "web",
                    () => daemon.Ns.Tasks.UpdateAsync("web", new() { Memory = new() { Limit = 64 << 20 } }),
                    spec => spec.Linux?.Resources?.Memory?.Limit == 64 << 20
                ),
                (
                    "named",
                    () => daemon.Ns.Tasks.StartAsync("named", new TaskStartOptions { NoLog = true }),
                    spec => NetworkRequest.Read(spec.Annotations![NetworkRequest.Annotation]).Name == "shop"
                ),
            }
        )
        {
            Task changing;
            using (await SpecLock.TakeAsync(daemon.Ns.Scope, TestContext.Current.CancellationToken, id))
            {
                changing = change();
                // It would be done by now.
                await Task.WhenAny(changing, Task.Delay(1000, TestContext.Current.CancellationToken));
                Assert.False(changing.IsCompleted);
                // Another container is not concerned.
                using (await SpecLock.TakeAsync(daemon.Ns.Scope, TestContext.Current.CancellationToken, "other-1", "other-2")) { }
                var spec = CtrSpec.Parse((await daemon.Ns.Scope.ContainerRecords.GetWireAsync(id, default)).Spec.Text());
                (spec.Annotations ??= [])["by-another-client"] = id;
                await daemon.Ns.Scope.ContainerRecords.PutSpecAsync(id, WireAny.Json(WireAny.Spec, spec.ToJson(indented: false)), default);
            }

            await changing;
            var result = (await daemon.Ns.Containers.GetAsync(id)).Spec!;
            Assert.Equal(id, result.Annotations!["by-another-client"]);
            Assert.True(isKept(result), id);
        }

        // A replaced spec is one that no other client is changing.
        var replaced = (await daemon.Ns.Containers.GetAsync("web")).Spec!;
        using (await SpecLock.TakeAsync(daemon.Ns.Scope, TestContext.Current.CancellationToken, "web"))
        {
            var setting = daemon.Ns.Containers.SetSpecAsync("web", replaced);
            await Task.WhenAny(setting, Task.Delay(500, TestContext.Current.CancellationToken));
            Assert.False(setting.IsCompleted);
        }

        foreach (var id in new[] { "web", "named" })
            await daemon.Ns.Containers.RemoveAsync(id, force: true);
        await daemon.AssertNothingLeftAsync();
    }

    [Fact]
    public void What_is_undone_leaves_the_changes_of_others()
    {
        var change = new CtrSpecResources { Memory = new() { Limit = 2 } };
        const string Former = """{ "linux": { "resources": { "memory": { "limit": 1 } } }, "own": 1 }""";
        const string Changed =
            """{ "linux": { "resources": { "memory": { "limit": 2 } }, "x": 3 }, "own": 1, "annotations": { "a": "b" } }""";
        AssertSame(
            """{ "linux": { "resources": { "memory": { "limit": 1 } }, "x": 3 }, "own": 1, "annotations": { "a": "b" } }""",
            ResourceMerge.Restore(Changed, Former, change)
        );
        AssertSame(
            """{ "linux": { "resources": {}, "x": 3 }, "own": 1, "annotations": { "a": "b" } }""",
            ResourceMerge.Restore(Changed, """{ "own": 1 }""", change)
        );
        // A later update has set the same limit, and another one.
        AssertSame(
            """{ "linux": { "resources": { "memory": { "limit": 4 }, "cpu": { "shares": 5 } } } }""",
            ResourceMerge.Restore("""{ "linux": { "resources": { "memory": { "limit": 4 }, "cpu": { "shares": 5 } } } }""", Former, change)
        );

        // The additions for a restore.
        const string Spec = """
            { "ociVersion": "1.0.2", "annotations": { "org.criu.config": "/etc/mine" },
              "hooks": { "createRuntime": [ { "path": "/bin/true" } ] }, "linux": { "namespaces": [ { "type": "network" } ] } }
            """;
        var folder = Directory.CreateTempSubdirectory("containerd-restore-").FullName;
        try
        {
            var restoring = RestoreSpec.Of(Spec, new() { Needs = ["tcp-established"] }, folder, trusted: true)!;
            Assert.NotEqual("/etc/mine", CtrSpec.Parse(restoring).Annotations!["org.criu.config"]);
            var other = CtrSpec.Parse(restoring);
            other.Annotations!["by-another-client"] = "1";
            var left = CtrSpec.Parse(RestoreSpec.Without(other.ToJson(indented: false), Spec));
            Assert.Equal(["/bin/true"], left.Hooks!.CreateRuntime!.Select(h => h.Path));
            Assert.Equal(("/etc/mine", "1"), (left.Annotations!["org.criu.config"], left.Annotations["by-another-client"]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertSame(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
