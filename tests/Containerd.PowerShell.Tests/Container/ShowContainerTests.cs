using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Show-CtrContainer: the relations of objects.</summary>
public sealed class ShowContainerTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_tree_contains_everything_from_the_session_to_the_execs()
    {
        var task = await StartAsync();
        Engine.Require($"New-CtrContainer {Id}-idle -Image {Busybox} -- sh -c 'exit 3' | Start-CtrTask | Wait-CtrTask | Remove-CtrTask");
        Engine.Require($"Invoke-CtrExec {Id} -ExecId mine -Detach -- sleep 900");
        var tree = Engine.Require<CtrTree>($"Show-CtrContainer {Id}*");
        Assert.Equal((CtrTreeKind.Session, tree.Session!.Name), (tree.Kind, tree.Name));
        var ns = Assert.Single(tree.Children);
        Assert.Equal((CtrTreeKind.Namespace, DaemonFixture.Namespace), (ns.Kind, ns.Name));
        Assert.Equal([Id, $"{Id}-idle"], ns.Children.Select(c => c.Name));

        var running = ns.Children[0];
        Assert.Equal([CtrTreeKind.Image, CtrTreeKind.Snapshot, CtrTreeKind.Task], running.Children.Select(c => c.Kind));
        Assert.False(running.Children[0].IsMissing);
        // The read-write layer, and below it the image's, as the daemon has them.
        List<CtrTree> layers = [running.Children[1], .. running.Children[1].Children];
        var container = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}");
        Assert.Equal(container.SnapshotKey, layers[0].Name);
        var parent = Engine.Require<CtrSnapshot>($"Get-CtrSnapshot {container.SnapshotKey}").Parent;
        Assert.Equal(parent[7..19], layers[1].Name);
        Assert.Contains("committed", layers[1].Detail, StringComparison.Ordinal);
        Assert.Equal(
            (task.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture), CtrStatus.Running),
            (running.Children[2].Name, running.Children[2].Status!.Value)
        );
        var exec = Assert.Single(running.Children[2].Children);
        Assert.Equal((CtrTreeKind.Exec, "mine"), (exec.Kind, exec.Name));
        Assert.EndsWith("sleep 900", exec.Detail, StringComparison.Ordinal);

        var idle = ns.Children[1];
        Assert.Equal([CtrTreeKind.Image, CtrTreeKind.Snapshot], idle.Children.Select(c => c.Kind));
        Assert.Contains("ended with code 3 at 20", idle.Detail, StringComparison.Ordinal);

        var shown = Engine.Display($"Show-CtrContainer {Id}*").Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0).ToList();
        Assert.All(shown, line => Assert.InRange(line.Length, 1, Engine.Width));
        Assert.StartsWith("Session ", shown[0], StringComparison.Ordinal);
        Assert.Equal($"└─ Namespace {DaemonFixture.Namespace}  2 containers", shown[1]);
        Assert.StartsWith($"   ├─ Container {Id}  io.containerd.runc.v2", shown[2], StringComparison.Ordinal);
        Assert.Contains(shown, line => line.StartsWith("   │     └─ Exec mine  ", StringComparison.Ordinal));
        Assert.Contains(shown, line =>
            line.StartsWith($"   │  │  └─ Snapshot {parent[7..19]}  overlayfs, committed, ", StringComparison.Ordinal)
        );
        // No colour where the host shows none.
        Assert.DoesNotContain('\u001b', string.Concat(shown));
    }

    [Fact]
    public async Task Removed_objects_are_marked_as_missing()
    {
        Engine.Require($"Set-CtrImage {Busybox} -Tag gone:{Id}; New-CtrContainer {Id} -Image gone:{Id} {Idle}");
        await DaemonFixture.CtrAsync("images", "remove", $"docker.io/library/gone:{Id}");
        await DaemonFixture.CtrAsync("snapshots", "remove", Id);
        var parts = Engine.Require<CtrTree>($"Show-CtrContainer {Id}").Children[0].Children[0].Children;
        Assert.Equal([CtrTreeKind.Image, CtrTreeKind.Snapshot], parts.Select(p => p.Kind));
        Assert.All(parts, p => Assert.True(p.IsMissing));
        Assert.All(parts, p => Assert.Contains("no longer exists", p.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_container_is_an_error_and_no_container_is_not()
    {
        AssertError(
            Engine.Invoke($"Show-CtrContainer {Id}-none").Error,
            ErrorIds.ContainerNotFound,
            "ShowCtrContainer",
            ErrorCategory.ObjectNotFound,
            $"{Id}-none"
        );
        Assert.Empty(Engine.Require($"Show-CtrContainer {Id}-none*"));
    }

    [Fact]
    public void A_long_chain_of_layers_fits_the_window_and_colors_are_used_only_if_the_host_supports_them()
    {
        var text = Engine
            .Require(
                """
                $layers = foreach ($i in 59..1) { [Containerd.CtrTree]@{ Kind = 'Snapshot'; Name = "layer$i"; Detail = 'overlayfs' } }
                $chain = [Containerd.CtrTree]@{ Kind = 'Snapshot'; Name = 'layer60'; Detail = 'overlayfs'; Children = $layers }
                $tree = [Containerd.CtrTree]@{ Kind = 'Container'; Name = 'web'; Detail = 'x' * 200; Children = $chain, [Containerd.CtrTree]@{ Kind = 'Task'; Name = '7'; Status = 'Running'; Detail = 'running' } }
                [Containerd.PowerShell.TreeText]::Draw($tree, 60, $false)
                '--'
                [Containerd.PowerShell.TreeText]::Draw($tree, 60, $true)
                """
            )
            .Select(l => l.ToString())
            .ToList();
        var plain = text.TakeWhile(l => l != "--").ToList();
        Assert.Equal(62, plain.Count);
        Assert.All(plain, line => Assert.InRange(line.Length, 1, 60));
        Assert.Equal("│  ├─ Snapshot layer59  overlayfs", plain[2]);
        Assert.Equal("│  └─ Snapshot layer1  overlayfs", plain[60]);
        Assert.Equal("└─ Task\u001b[32m 7  running\u001b[0m", text[^1]);
    }

    [Fact]
    public void An_image_of_many_layers_crosses_to_a_job_and_back_and_a_host_without_a_width_shows_it()
    {
        var lines = Engine
            .Require(
                """
                $layers = foreach ($i in 1..128) { [Containerd.CtrTree]@{ Kind = 'Snapshot'; Name = "layer$i" } }
                $parts = [Containerd.CtrTree]@{ Kind = 'Snapshot'; Name = 'web'; Children = $layers }, [Containerd.CtrTree]@{ Kind = 'Task'; Name = '7'; Status = 'Running'; Children = [Containerd.CtrTree]@{ Kind = 'Exec'; Name = 'mine' } }
                $web = [Containerd.CtrTree]@{ Kind = 'Container'; Name = 'web'; Children = $parts }
                $tree = [Containerd.CtrTree]@{ Kind = 'Session'; Name = 's'; Children = [Containerd.CtrTree]@{ Kind = 'Namespace'; Name = 'default'; Children = $web } }
                $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($tree, 1))
                [Containerd.PowerShell.TreeText]::Draw($back, -1, $false)
                """
            )
            .Select(line => line.ToString()!)
            .ToList();
        Assert.Equal(3 + 1 + 128 + 2, lines.Count);
        Assert.Equal("      │  └─ Snapshot layer128", lines[^3]);
        Assert.Equal("         └─ Exec mine", lines[^1]);
    }
}
