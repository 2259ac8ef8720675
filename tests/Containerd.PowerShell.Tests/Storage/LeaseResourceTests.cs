using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>Add-CtrLeaseResource and Remove-CtrLeaseResource, and the image of a container.</summary>
public sealed class LeaseResourceTests(DaemonFixtures fixtures)
{
    [Fact]
    public async Task A_lease_keeps_what_is_added_and_releases_what_is_removed()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm", withImage: true);
        space.Engine.Require(
            "$null = New-CtrLease mine; $blob = Import-CtrContent -Value x; $null = New-CtrSnapshot work; $blob | Add-CtrLeaseResource mine; Get-CtrSnapshot work | Add-CtrLeaseResource mine"
        );
        Assert.Equal(["content " + space.Text("$blob.Digest"), "snapshots/overlayfs work"], space.Texts("(Get-CtrLease mine).Resources"));
        // The lease alone keeps the blob now.
        space.Engine.Require("$blob | Set-CtrContent -Label @{ 'containerd.io/gc.root' = $null }");
        await space.CollectAsync();
        Assert.Single(space.Texts("Get-CtrContent $blob.Digest"));
        Assert.Equal("1", space.Text("($blob | Remove-CtrLeaseResource mine -PassThru).Resources.Count"));
        await space.CollectAsync();
        Assert.Equal(ErrorIds.ContentNotFound, space.ErrorId("Get-CtrContent $blob.Digest"));
        space.Engine.Require(
            "(Get-CtrLease mine).Resources | Remove-CtrLeaseResource mine; Get-CtrImage busybox:test | Add-CtrLeaseResource mine"
        );
        Assert.Equal(["content " + space.Text("(Get-CtrImage busybox:test).Digest")], space.Texts("(Get-CtrLease mine).Resources"));
        Assert.Empty(space.Texts("Get-CtrLease mine | ForEach-Object { $_.Resources | Remove-CtrLeaseResource $_ -WhatIf }"));

        Assert.Equal(
            ErrorIds.LeaseNotFound,
            space.ErrorId("Add-CtrLeaseResource nothing -Type content -Id (Get-CtrImage busybox:test).Digest")
        );
        Assert.Equal(ErrorIds.SnapshotNotFound, space.ErrorId("Add-CtrLeaseResource mine -Type snapshots/overlayfs -Id nothing"));
        Assert.Equal(ErrorIds.ContentNotFound, space.ErrorId($"Add-CtrLeaseResource mine -Type content -Id sha256:{new string('0', 64)}"));
        Assert.Equal(ErrorIds.LeaseResourceNotFound, space.ErrorId("Remove-CtrLeaseResource mine -Type snapshots/overlayfs -Id work"));
        space.Engine.Require("Remove-CtrLease mine");
    }
}
