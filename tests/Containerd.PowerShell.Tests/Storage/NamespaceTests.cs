using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>containerd's own namespaces, compared with containerd's own client.</summary>
public sealed class NamespaceTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Suites => ["bookworm", "sid"];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task They_are_listed_like_in_ctr_created_labelled_and_removed(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        var name = space.Namespace;
        var made = Assert.Single(space.Engine.Require($"New-CtrNamespace {name} -Label @{{ a = '1'; b = '2' }}"));
        Assert.Equal(name, made.ToString());
        Assert.Contains($"{name} a=1,b=2", await space.RowsAsync("namespaces", "list"));
        await space.CtrAsync("namespaces", "create", $"{name}-theirs", "who=ctr");
        Assert.Equal([name, $"{name}-theirs"], space.Texts($"Get-CtrNamespace {name}*"));
        Assert.Equal([$"{name}-theirs"], space.Texts($"Get-CtrNamespace {name}* -Label @{{ who = 'c*' }}"));
        Assert.Equal([name, $"{name}-theirs"], space.Engine.Complete($"Remove-CtrNamespace {name}").Select(c => c.CompletionText));
        var all = await space.LinesAsync("namespaces", "list", "--quiet");
        Assert.Subset(
            space.Texts("Get-CtrNamespace").ToHashSet(),
            all.Where(n => n.StartsWith(name, StringComparison.Ordinal)).ToHashSet()
        );

        Assert.Empty(space.Texts($"Set-CtrNamespace {name} -Label @{{ a = 'x'; b = $null }}"));
        Assert.Contains($"{name} a=x", await space.RowsAsync("namespaces", "list"));
        Assert.Equal("y", space.Text($"(Get-CtrNamespace {name} | Set-CtrNamespace -Label @{{ c = 'y' }} -PassThru).Labels['c']"));
        await space.CtrAsync("namespaces", "label", name, "a=");
        Assert.Equal("False", space.Text($"(Get-CtrNamespace -Namespace {name}).Labels.ContainsKey('a').ToString()"));

        Assert.Equal(ErrorIds.NamespaceExists, space.ErrorId($"New-CtrNamespace {name}"));
        Assert.Equal(ErrorIds.InvalidId, space.ErrorId("New-CtrNamespace 'not valid'"));
        Assert.Equal(ErrorIds.NamespaceNotFound, space.ErrorId($"Get-CtrNamespace {name}-none"));
        Assert.Equal(ErrorIds.NamespaceNotFound, space.ErrorId($"Set-CtrNamespace {name}-none -Label @{{ a = 'b' }}"));
        Assert.Equal(ErrorIds.NamespaceNotFound, space.ErrorId($"Remove-CtrNamespace {name}-none -Confirm:$false"));
        Assert.DoesNotContain($"{name}-none", await space.LinesAsync("namespaces", "list", "--quiet"));

        space.Engine.Require($"Remove-CtrNamespace {name} -WhatIf; New-CtrNamespace {name}-whatif -WhatIf");
        Assert.Contains(name, await space.LinesAsync("namespaces", "list", "--quiet"));
        space.Engine.Require($"Get-CtrNamespace {name}, {name}-theirs | Remove-CtrNamespace -Confirm:$false");
        Assert.DoesNotContain(await space.LinesAsync("namespaces", "list", "--quiet"), n => n.StartsWith(name, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_namespace_that_is_not_empty_is_rejected_with_its_content_and_force_removes_all_of_it(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var name = space.Namespace;
        space.Engine.Require(
            """
            $null = New-CtrContainer web -Image busybox:test -- sleep 1000 | Start-CtrTask
            $null = New-CtrContainer idle -Image busybox:test
            $null = New-CtrSnapshot a1 -Image busybox:test; $null = Save-CtrSnapshot a1 a; $null = New-CtrSnapshot b a
            $null = New-CtrSnapshot other -Snapshotter native
            $null = New-CtrLease one
            """
        );
        var refused = space.Error($"Remove-CtrNamespace {name} -Confirm:$false");
        Assert.Equal("NamespaceNotEmpty,Containerd.PowerShell.RemoveCtrNamespaceCommand", refused.FullyQualifiedErrorId);
        Assert.Equal(
            $"The namespace '{name}' still holds 2 containers (1 running), 1 image, 3 blobs, 6 snapshots, 1 lease.",
            refused.Exception.Message
        );
        Assert.Contains("-Force", refused.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(
            "2 containers (1 running), 1 image, 3 blobs, 6 snapshots, 1 lease",
            space.Text($"(Get-CtrNamespace {name} -Detailed).Counts")
        );
        Assert.Equal("True", space.Text($"($null -eq (Get-CtrNamespace {name}).Counts).ToString()"));

        var pid = space.Engine.Require<int>("(Get-CtrTask web).Pid");
        var asked = space.Engine.Display($"Remove-CtrNamespace {name} -Force -WhatIf");
        Assert.Contains("2 containers (1 running), 1 image", asked, StringComparison.Ordinal);
        Assert.Contains(name, await space.LinesAsync("namespaces", "list", "--quiet"));
        space.Engine.Require($"Remove-CtrNamespace {name} -Force -Confirm:$false");
        Assert.DoesNotContain(name, await space.LinesAsync("namespaces", "list", "--quiet"));
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{pid}"));
        Assert.Empty(await space.RowsAsync("snapshots", "list"));
        Assert.Empty(await space.RowsAsync("snapshots", "--snapshotter", "native", "list"));
        Assert.Empty(await space.LinesAsync("content", "list", "--quiet"));
        Assert.Empty(await space.RowsAsync("containers", "list"));
        Assert.Empty(await space.RowsAsync("tasks", "list"));
        Assert.Empty(await space.RowsAsync("leases", "list"));
    }

    [Fact]
    public async Task It_asks_for_confirmation_and_respects_no()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm");
        space.Engine.Require($"$null = New-CtrNamespace {space.Namespace}");
        // The host has no input: the question's default is yes, so the answer that counts is the preference's.
        Assert.Equal(
            "High",
            space.Text(
                "[Containerd.PowerShell.RemoveCtrNamespaceCommand].GetCustomAttributes([Management.Automation.CmdletAttribute], $false)[0].ConfirmImpact.ToString()"
            )
        );
        var asked = space.Engine.Display($"Remove-CtrNamespace {space.Namespace}");
        Assert.Contains("Remove namespace", asked, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Its_labels_select_the_snapshotter_and_runtime(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        space.Engine.Require(
            $"$null = New-CtrNamespace {space.Namespace} -Label @{{ 'containerd.io/defaults/snapshotter' = 'native'; 'containerd.io/defaults/runtime' = 'io.containerd.other.v9' }}; $null = New-CtrSnapshot x"
        );
        Assert.Equal("native", space.Text("(Get-CtrSnapshot x).Snapshotter"));
        Assert.Equal("io.containerd.other.v9", space.Text("Get-CtrRuntime | Where-Object IsDefault"));
    }
}
