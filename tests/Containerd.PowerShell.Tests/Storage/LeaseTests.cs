using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Management.Automation;
using Containerd.Client;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>Leases, and blocks that run under one.</summary>
public sealed class LeaseTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Suites => ["bookworm", "sid"];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task They_are_listed_like_in_ctr_created_and_removed(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        await space.CtrAsync("leases", "create", "--id", "theirs", "--expires", "3h", "who=ctr");
        space.Engine.Require(
            "$null = New-CtrLease mine -Expiry 2h -Label @{ who = 'us' }; $null = New-CtrLease forever -Expiry 0; $own = New-CtrLease"
        );
        Assert.Equal((await space.LinesAsync("leases", "list", "--quiet")).Order(StringComparer.Ordinal), space.Texts("Get-CtrLease"));
        Assert.Equal(4, space.Texts("Get-CtrLease").Count);
        Assert.Equal(
            (await space.RowsAsync("leases", "list"))
                .Select(r => r.Split(' '))
                .Select(r => $"{r[0]} {DateTime.Parse(r[1], CultureInfo.InvariantCulture):s} {(r[2] == "-" ? "" : r[2])}".TrimEnd())
                .Order(StringComparer.Ordinal),
            space.Texts(
                "Get-CtrLease | ForEach-Object { $k = [string[]]@($_.Labels.Keys); [Array]::Sort($k, [StringComparer]::Ordinal); $l = $_.Labels; \"$($_.Id) $($_.CreatedAt.ToString('s')) $((@($k | ForEach-Object { \"$_=$($l[$_])\" }) -join ','))\".TrimEnd() }"
            )
        );
        Assert.InRange(space.Engine.Require<double>("((Get-CtrLease mine).ExpiresAt - [datetime]::Now).TotalMinutes"), 100, 120);
        Assert.InRange(space.Engine.Require<double>("((Get-CtrLease theirs).ExpiresAt - [datetime]::Now).TotalMinutes"), 160, 180);
        Assert.InRange(space.Engine.Require<double>("($own.ExpiresAt - [datetime]::Now).TotalHours"), 23, 24);
        Assert.Equal("True", space.Text("($null -eq (Get-CtrLease forever).ExpiresAt).ToString()"));
        Assert.Equal(["mine"], space.Texts("Get-CtrLease -Label @{ who = 'us' }"));
        Assert.Equal(["mine", "theirs"], space.Texts("Get-CtrLease -Label @{ who = '*' }"));
        Assert.Equal(["theirs"], space.Texts("Get-CtrLease -Filter 'labels.who==ctr'"));
        Assert.Equal(["mine"], space.Texts("Get-CtrLease mi*"));
        Assert.Equal(["theirs"], space.Engine.Complete("Remove-CtrLease the").Select(c => c.CompletionText));

        Assert.Equal(ErrorIds.LeaseExists, space.ErrorId("New-CtrLease mine"));
        Assert.Equal(ErrorIds.LeaseNotFound, space.ErrorId("Get-CtrLease nothing"));
        Assert.Equal(ErrorIds.LeaseNotFound, space.ErrorId("Remove-CtrLease nothing"));
        Assert.Equal(ErrorIds.LeaseNotFound, space.ErrorId("Use-CtrLease -Id nothing { throw 'not run' }"));
        Assert.Empty(space.Texts("New-CtrLease other -WhatIf; Use-CtrLease { 'not run' } -WhatIf; Get-CtrLease | Remove-CtrLease -WhatIf"));
        Assert.Equal(4, (await space.RowsAsync("leases", "list")).Count);
        space.Engine.Require("'mine', 'forever' | Remove-CtrLease; $own, (Get-CtrLease theirs) | Remove-CtrLease -NoWait");
        Assert.Empty(await space.RowsAsync("leases", "list"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_block_holds_the_objects_that_it_creates_and_releases_them_at_its_end(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        Assert.Equal(
            "True content True",
            space.Text(
                """
                Use-CtrLease {
                    param($lease)
                    $blob = Import-CtrContent -Value 'of the block'
                    $null = New-CtrSnapshot work -Image busybox:test
                    $held = (Get-CtrLease $lease.Id).Resources
                    "$($held.Id -contains $blob.Digest) $($held[0].Type) $($held.Id -contains 'work')"
                }
                """
            )
        );
        // Variables belong to the caller; the created objects and the lease no longer exist.
        Assert.Equal(ErrorIds.ContentNotFound, space.ErrorId("Get-CtrContent $blob.Digest"));
        Assert.Empty(space.Texts("Get-CtrSnapshot w*"));
        Assert.Empty(await space.RowsAsync("leases", "list"));

        // What something else holds by then stays: a container's snapshot.
        space.Engine.Require("Use-CtrLease { $null = New-CtrContainer web -Image busybox:test }");
        await space.CollectAsync();
        Assert.Equal("0", space.Text("Invoke-CtrContainer busybox:test -- true; \"$LASTEXITCODE\""));
        Assert.Equal(["web"], space.Texts("Get-CtrSnapshot -Kind Active"));
        space.Engine.Require("Remove-CtrContainer web");

        // Output goes on as it comes, errors are the caller's, and so is $_.
        Assert.Equal(["one", "two", "after"], space.Texts("Use-CtrLease { 'one'; 'two' }; 'after'"));
        var done = space.Engine.Invoke("'x' | ForEach-Object { Use-CtrLease { $_; Get-CtrLease nothing; 'next' } }");
        Assert.Equal(["x", "next"], done.Output.Select(o => o.ToString()));
        Assert.Equal("LeaseNotFound,Containerd.PowerShell.GetCtrLeaseCommand", Assert.Single(done.Errors).FullyQualifiedErrorId);
        Assert.Empty(await space.RowsAsync("leases", "list"));
        Assert.Equal(
            "first",
            space.Text("Use-CtrLease { 'first'; 'second' } | Microsoft.PowerShell.Core\\Where-Object { $_ -eq 'first' }")
        );
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task The_lease_of_a_block_is_removed_however_it_ends(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        Assert.Equal(
            "thrown boom",
            space.Text("try { Use-CtrLease { $null = Import-CtrContent -Value a; throw 'boom' } } catch { \"thrown $_\" }")
        );
        Assert.Equal(
            "thrown LeaseNotFound,Containerd.PowerShell.GetCtrLeaseCommand",
            space.Text(
                "try { Use-CtrLease { Get-CtrLease nothing -ErrorAction Stop; 'not run' } } catch { \"thrown $($_.FullyQualifiedErrorId)\" }"
            )
        );
        Assert.Equal(
            ["1", "2"],
            space.Texts("foreach ($i in 1..3) { Use-CtrLease { if ($i -eq 2) { continue } }; if ($i -eq 3) { break }; $i }; 2").Take(2)
        );
        Assert.Equal("returned", space.Text("function F { Use-CtrLease { return 'returned'; 'not run' } }; F"));
        Assert.Empty(await space.RowsAsync("leases", "list"));
        Assert.Empty(await space.LinesAsync("content", "list", "--quiet"));

        // No lease remains in use after any of them.
        var blob = space.Text("Import-CtrContent -Value later");
        await space.CollectAsync();
        Assert.Equal([blob], await space.LinesAsync("content", "list", "--quiet"));

        // Ctrl+C.
        var running = space.Engine.Start(
            "Use-CtrLease { $null = Import-CtrContent -Value b; 'begun'; [Threading.Thread]::Sleep(50); while ($true) { [Threading.Thread]::Sleep(20) } }"
        );
        await Eventually.TrueAsync(() => running.Output.Count == 1);
        var stopping = Stopwatch.StartNew();
        await running.StopAsync();
        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(5), stopping.Elapsed.ToString());
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception);
        await Eventually.TrueAsync(() => space.RowsAsync("leases", "list").Result.Count == 0);
        Assert.Equal([blob], await space.LinesAsync("content", "list", "--quiet"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Blocks_nest_and_a_kept_or_existing_lease_is_not_removed(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        space.Engine.Require(
            """
            Use-CtrLease -Keep -Label @{ name = 'outer' } {
                param($outer)
                $a = Import-CtrContent -Value a
                Use-CtrLease { $lost = Import-CtrContent -Value lost }
                $inner = New-CtrLease inner
                $inner | Use-CtrLease { $b = Import-CtrContent -Value b }
                $c = Import-CtrContent -Value c
            }
            """
        );
        Assert.Equal(
            space.Texts("$a.Digest, $c.Digest").Order(StringComparer.Ordinal),
            space.Texts("(Get-CtrLease -Label @{ name = 'outer' }).Resources.Id").Order(StringComparer.Ordinal)
        );
        Assert.Equal(space.Texts("$b.Digest"), space.Texts("(Get-CtrLease inner).Resources.Id"));
        await space.CollectAsync();
        Assert.Equal(
            space.Texts("$a.Digest, $b.Digest, $c.Digest").Order(StringComparer.Ordinal),
            (await space.LinesAsync("content", "list", "--quiet")).Order(StringComparer.Ordinal)
        );

        // Not in another namespace, nor in another session.
        space.Engine.Require(
            $"Use-CtrLease -Id inner {{ $elsewhere = Import-CtrContent -Value elsewhere -Namespace {space.Namespace}-other }}"
        );
        Assert.Equal("True", space.Text("$elsewhere.Labels.ContainsKey('containerd.io/gc.root').ToString()"));
        space.Engine.Require($"Remove-CtrNamespace {space.Namespace}-other -Force -Confirm:$false");

        // Work does not run with a lease that was removed, and not without one either.
        Assert.Equal(ErrorIds.LeaseInUse, space.ErrorId("Use-CtrLease -Id inner { Remove-CtrLease inner }"));
        Assert.Equal(
            ErrorIds.LeaseNotFound,
            space.ErrorId("Use-CtrLease -Id inner { Remove-CtrLease inner -Force; Import-CtrContent -Value d }")
        );
        Assert.Equal(
            ErrorIds.LeaseNotFound,
            space.ErrorId("$l = New-CtrLease gone; Use-CtrLease -Id gone { Remove-CtrLease gone -Force; New-CtrSnapshot s }")
        );
        Assert.DoesNotContain(space.Texts("Get-CtrContent"), d => d == space.Text("$b.Digest"));
        space.Engine.Require("Get-CtrLease | Remove-CtrLease");
        Assert.Empty(await space.LinesAsync("content", "list", "--quiet"));
    }

    [Fact]
    public async Task Other_runspaces_do_not_use_the_lease_unless_they_have_a_block()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm");
        var module = Repository.Module;
        Assert.Equal(
            ["False", "True"],
            space.Texts(
                $$"""
                $session = Get-CtrSession | Where-Object Namespace -eq {{space.Namespace}}
                Use-CtrLease {
                    param($lease)
                    $parallel = 1 | ForEach-Object -Parallel {
                        Import-Module '{{module}}'
                        $free = Import-CtrContent -Value free -Session $using:session
                        $using:lease | Use-CtrLease { $held = Import-CtrContent -Value held -Session $using:session }
                        $free; $held
                    }
                    $resources = (Get-CtrLease $lease.Id).Resources.Id
                    $parallel | ForEach-Object { "$($resources -contains $_.Digest)" }
                }
                """
            )
        );
        await space.CollectAsync();
        Assert.Single(await space.LinesAsync("content", "list", "--quiet"));
    }

    [Fact]
    public async Task An_import_with_a_lease_creates_no_other_lease()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm");
        Assert.Equal(
            ["1", "True"],
            space.Texts(
                $$"""
                Use-CtrLease {
                    param($lease)
                    $image = Import-CtrImage '{{await TestImages.BusyboxTarAsync()}}'
                    "$(@(Get-CtrLease).Count)"
                    "$((Get-CtrLease $lease.Id).Resources.Id -contains $image.Digest)"
                }
                """
            )
        );
        await space.CollectAsync();
        Assert.Equal("0", space.Text("Invoke-CtrContainer busybox:test -- true; \"$LASTEXITCODE\""));
    }

    [Fact]
    public async Task An_unfinished_write_keeps_its_lease()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm");
        space.Engine.Require("$null = New-CtrLease writing");
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = space.DaemonFixture.Daemon.Address, Namespace = space.Namespace }
        );
        using var end = new AnonymousPipeServerStream(PipeDirection.Out);
        using var data = new AnonymousPipeClientStream(PipeDirection.In, end.ClientSafePipeHandle);
        var writing = client.In().WithLease("writing").Content.WriteAsync("half", data, 2 << 20, null, null);
        await end.WriteAsync(new byte[1 << 20], TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => space.Texts("Get-CtrIngest").Count == 1);
        var refused = space.Error("Remove-CtrLease writing");
        Assert.Equal("LeaseInUse,Containerd.PowerShell.RemoveCtrLeaseCommand", refused.FullyQualifiedErrorId);
        Assert.Contains("'half'", refused.Exception.Message, StringComparison.Ordinal);
        end.Dispose();
        Assert.Equal(ErrorIds.DataTruncated, (await Assert.ThrowsAsync<CtrDataException>(() => writing)).ErrorId);
        space.Engine.Require("Remove-CtrLease writing");
    }
}
