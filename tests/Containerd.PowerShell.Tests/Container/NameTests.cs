using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Names of containers: how they are given, kept unique, looked up and freed.</summary>
public sealed class NameTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_container_with_a_name_and_no_id_gets_a_generated_id()
    {
        var made = Engine.Require<CtrContainer>($"New-CtrContainer -Name {Id} -Image {Busybox} -- sleep 100");
        Assert.Matches("^[0-9a-f]{12}$", made.ContainerId);
        Assert.Equal(Id, made.Name);
        Assert.Equal(Id, made.ToString());
        Assert.Equal(Id, made.Labels["nerdctl/name"]);
        Assert.Equal(["sleep", "100"], made.Spec!.Process!.Args!);
        Assert.Equal(made.ContainerId, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").ContainerId);
        var lease = Engine.Require<CtrLease>($"Get-CtrLease pwsh-name/{Id}");
        Assert.Equal((Id, made.ContainerId, null), (lease.ContainerName, lease.ContainerId, lease.ExpiresAt));
        Assert.Empty(lease.Resources);
        Assert.Contains("name", Engine.Display($"Get-CtrLease pwsh-name/{Id}"), StringComparison.Ordinal);
        var refused = Engine.Invoke($"Remove-CtrLease pwsh-name/{Id} -Force").Error;
        AssertError(refused, ErrorIds.LeaseIsName, "RemoveCtrLease", ErrorCategory.ResourceBusy);
        Assert.Contains("Rename-CtrContainer", refused.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Engine.Require($"Remove-CtrContainer {Id}");
        Assert.Empty(Engine.Require($"Get-CtrLease pwsh-name*/{Id}"));
        await AssertGoneAsync(made.ContainerId);
        AssertError(
            Engine.Invoke($"Get-CtrContainer {Id}").Error,
            ErrorIds.ContainerNotFound,
            "GetCtrContainer",
            ErrorCategory.ObjectNotFound,
            Id
        );
    }

    [Fact]
    public void Errors_use_the_callers_name_for_a_container()
    {
        var made = Engine.Require<CtrContainer>($"New-CtrContainer -Name {Id} -Image {Busybox} -- sleep 1000");
        var digits = made.ContainerId[..6];
        foreach (
            var (command, called) in new[]
            {
                ($"Invoke-CtrExec {Id} -- true", Id),
                ($"Stop-CtrTask {Id}", Id),
                ($"Send-CtrSignal {Id} TERM", Id),
                ($"Get-CtrStats {Id}", Id),
                ($"Get-CtrProcess {Id}", Id),
                ($"Suspend-CtrTask {digits}", digits),
                ($"Get-CtrContainer {Id} | Invoke-CtrExec -- true", Id),
                ($"Resume-CtrTask {made.ContainerId}", made.ContainerId),
            }
        )
        {
            var error = Engine.Invoke(command).Error;
            Assert.True($"{error}".Contains($"'{called}'", StringComparison.Ordinal), $"{command}: {error}");
            if (called == Id)
                Assert.False(
                    $"{error} {error.ErrorDetails?.RecommendedAction}".Contains(made.ContainerId, StringComparison.Ordinal),
                    $"{command}: {error}"
                );
        }

        Engine.Require($"Start-CtrTask {Id}");
        foreach (
            var command in new[]
            {
                $"Invoke-CtrExec {Id} -- sh -c 'exit 3'",
                $"Invoke-CtrExec {Id} -- /no/such",
                $"Start-CtrTask {Id}",
                $"Remove-CtrContainer {Id}",
            }
        )
        {
            var error = Engine.Invoke(command).Error;
            Assert.True(
                $"{error}".Contains($"'{Id}'", StringComparison.Ordinal)
                    && !$"{error}".Contains(made.ContainerId, StringComparison.Ordinal),
                $"{command}: {error}"
            );
        }

        var run = Engine.Invoke($"Invoke-CtrContainer {Busybox} -Name {NewId()} -- sh -c 'exit 3'").Error;
        Assert.DoesNotMatch("'[0-9a-f]{12}'", $"{run}");
    }

    [Theory]
    [InlineData("New-CtrContainer {0} -Image {1} -- sleep 9", "{0}", null, "sleep 9")]
    [InlineData("New-CtrContainer {0} -Name {0}-n -Image {1} sleep 9", null, "{0}-n", "{0} sleep 9")]
    [InlineData("New-CtrContainer -Id {0} -Name {0}-n -Image {1} -- sleep 9", "{0}", "{0}-n", "sleep 9")]
    [InlineData("'{0}' | New-CtrContainer -Name {0}-n -Image {1} -- sleep 9", "{0}", "{0}-n", "sleep 9")]
    [InlineData("$s = @{{ Name = '{0}-n'; Image = '{1}'; Command = 'sleep', '9' }}; New-CtrContainer @s", null, "{0}-n", "sleep 9")]
    [InlineData("New-CtrContainer -Name {0}-n `\n -Image {1} `\n -- sleep 9", null, "{0}-n", "sleep 9")]
    public void The_first_argument_is_the_id_and_with_a_name_all_belong_to_the_command(
        string command,
        string? id,
        string? name,
        string args
    )
    {
        var made = Engine.Require<CtrContainer>(string.Format(System.Globalization.CultureInfo.InvariantCulture, command, Id, Busybox));
        if (id is null)
            Assert.Matches("^[0-9a-f]{12}$", made.ContainerId);
        else
            Assert.Equal(id.Replace("{0}", Id, StringComparison.Ordinal), made.ContainerId);
        Assert.Equal(name?.Replace("{0}", Id, StringComparison.Ordinal), made.Name);
        Assert.Equal(args.Replace("{0}", Id, StringComparison.Ordinal), string.Join(' ', made.Spec!.Process!.Args!));
    }

    [Fact]
    public void A_name_is_unique_among_names_and_ids()
    {
        var first = Engine.Require<CtrContainer>($"New-CtrContainer -Name {Id} -Image {Busybox} -- true");
        var twice = Engine.Invoke($"New-CtrContainer -Name {Id} -Image {Busybox} -- true").Error;
        AssertError(twice, ErrorIds.NameExists, "NewCtrContainer", ErrorCategory.ResourceExists, Id);
        Assert.Contains(first.ContainerId, twice.Exception.Message, StringComparison.Ordinal);
        AssertError(
            Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} -- true").Error,
            ErrorIds.NameExists,
            "NewCtrContainer",
            ErrorCategory.ResourceExists,
            Id
        );
        AssertError(
            Engine.Invoke($"New-CtrContainer -Name {first.ContainerId} -Image {Busybox} -- true").Error,
            ErrorIds.NameExists,
            "NewCtrContainer",
            ErrorCategory.ResourceExists
        );
        AssertError(
            Engine.Invoke($"Invoke-CtrContainer {Busybox} -Name {Id} -- true").Error,
            ErrorIds.NameExists,
            "InvokeCtrContainer",
            ErrorCategory.ResourceExists,
            Id
        );
        AssertError(
            Engine.Invoke($"New-CtrContainer -Name 'a b' -Image {Busybox} -- true").Error,
            ErrorIds.InvalidName,
            "NewCtrContainer",
            ErrorCategory.InvalidArgument,
            "a b"
        );
        AssertError(
            Engine.Invoke($"New-CtrContainer {Id}-x -Image {Busybox} -Label @{{ 'nerdctl/name' = 'x' }} -- true").Error,
            ErrorIds.ReservedLabel,
            "NewCtrContainer",
            ErrorCategory.InvalidArgument
        );
        Assert.Equal([first.ContainerId], Names($"Get-CtrContainer {Id}* | ForEach-Object ContainerId"));
    }

    [Fact]
    public void Only_one_of_twenty_clients_gets_a_name()
    {
        var results = Names(Takers(20));
        Assert.Equal(20, results.Count);
        var winner = Assert.Single(results, r => !r.StartsWith(ErrorIds.NameExists, StringComparison.Ordinal));
        Assert.Equal(winner, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").ContainerId);
        Assert.Single(Engine.Require($"Get-CtrContainer | Where-Object Name -eq {Id}"));
        Assert.Equal(winner, Engine.Require<CtrLease>($"Get-CtrLease pwsh-name/{Id}").ContainerId);
    }

    [Fact]
    public async Task Every_cmdlet_of_containers_accepts_a_name()
    {
        Engine.Require($"New-CtrContainer -Name {Id} -Image {Busybox} {Graceful}");
        var id = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").ContainerId;
        var prefix = id[..11];
        Assert.Equal(id, Engine.Require<CtrTask>($"Start-CtrTask {Id}").ContainerId);
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id}").Count > 0);
        Assert.Equal(id, Engine.Require<CtrTask>($"Get-CtrTask {prefix}").ContainerId);
        Assert.Equal(id, Engine.Require<CtrTask>($"Get-CtrTask {Id[..^1]}?").ContainerId);
        Assert.Equal([id], Names($"Get-CtrLog {Id}* | ForEach-Object ContainerId").Distinct());
        Assert.Equal([id], Names($"Get-CtrProcess {Id}* | ForEach-Object ContainerId").Distinct());
        Assert.Equal([id], Names($"Get-CtrProcess {Id} | ForEach-Object ContainerId").Distinct());
        Assert.Equal([id], Names($"Get-CtrStats {Id} -SingleReading | ForEach-Object ContainerId"));
        Assert.Equal([id], Names($"Get-CtrStats {Id}* -SingleReading | ForEach-Object ContainerId"));
        Assert.Equal(["hi"], Names($"Invoke-CtrExec {Id} -- echo hi"));
        Assert.Equal(["in"], Names($"'in' | Invoke-CtrExec {prefix} -- cat"));
        var file = Path.Combine(Folder, "file");
        await File.WriteAllTextAsync(file, "text");
        Engine.Require($"Copy-CtrItem {file} {Id}:/file; Copy-CtrItem {prefix}:/file {file}2");
        Assert.Equal("text", await File.ReadAllTextAsync(file + "2"));
        Engine.Require(
            $"Suspend-CtrTask {Id}; Resume-CtrTask {Id}; Update-CtrTask {Id} -Memory 64m; Set-CtrContainer {Id} -Label @{{ a = 1 }}"
        );
        Engine.Require(
            $"Invoke-CtrExec {Id} -ExecId e -NoStart -- true; Start-CtrExec {Id} e; Wait-CtrTask {Id} -ExecId e; Remove-CtrTask {Id} -ExecId e"
        );
        Assert.Equal(id, Engine.Require<CtrTree>($"Show-CtrContainer {Id}").Children[0].Children[0].Name);
        var watch = Engine.Start($"Watch-CtrEvent {Id} -EventType Exit -MaxCount 1 -Timeout 60s -Verbose 4>&1");
        await Eventually.TrueAsync(() => watch.Output.Any(o => o.BaseObject is VerboseRecord));
        using (var other = DaemonFixture.Open())
        {
            other.Require($"Send-CtrSignal {Id} TERM");
            Assert.Equal((id, 7), other.Require<CtrExit>($"Wait-CtrTask {Id}") is var exit ? (exit.ContainerId, exit.ExitCode) : default);
        }

        Assert.Contains(watch.Wait().Output, o => o.BaseObject is CtrEvent happened && happened.ContainerId == id);
        Assert.Single(LogFolders(id));
        Assert.Equal(id, Engine.Require<CtrExit>($"Stop-CtrTask {Id}").ContainerId);
        Assert.Contains($"{Id} ({id})", Engine.Display($"Remove-CtrContainer {Id} -WhatIf"), StringComparison.Ordinal);
        Engine.Require($"Remove-CtrTask {Id}; Remove-CtrContainer {prefix}");
        await AssertGoneAsync(id);
    }

    [Fact]
    public void The_beginning_of_several_generated_ids_is_one_error_that_names_them()
    {
        var a = $"abc{Guid.NewGuid():N}"[..14];
        Engine.Require(
            $"New-CtrContainer {a}01 -Name {Id} -Image {Busybox} -- true".Replace(
                $"{a}01 -Name",
                $"-Id {a}01 -Name",
                StringComparison.Ordinal
            )
        );
        Engine.Require($"New-CtrContainer {a}02 -Image {Busybox} -- true");
        try
        {
            var error = Engine.Invoke($"Get-CtrContainer {a}").Error;
            AssertError(error, ErrorIds.AmbiguousId, "GetCtrContainer", ErrorCategory.InvalidArgument, a);
            Assert.Contains($"{a}01 ({Id}), {a}02", error.Exception.Message, StringComparison.Ordinal);
            Assert.Equal(a + "02", Engine.Require<CtrContainer>($"Get-CtrContainer {a}02").ContainerId);
            Assert.Equal(a + "01", Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").ContainerId);
            AssertError(
                Engine.Invoke($"Get-CtrContainer {a[..2]}").Error,
                ErrorIds.ContainerNotFound,
                "GetCtrContainer",
                ErrorCategory.ObjectNotFound,
                a[..2]
            );
        }
        finally
        {
            Engine.Invoke($"Remove-CtrContainer {a}02; Remove-CtrContainer {a}01");
        }
    }

    [Fact]
    public void Renaming_reserves_the_new_name_and_releases_the_old_one()
    {
        Engine.Require($"New-CtrContainer -Name {Id} -Image {Busybox} -- true; New-CtrContainer {Id}-plain -Image {Busybox} -- true");
        var renamed = Engine.Require<CtrContainer>($"Rename-CtrContainer {Id} {Id}-new -PassThru");
        Assert.Equal($"{Id}-new", renamed.Name);
        AssertError(
            Engine.Invoke($"Get-CtrContainer {Id}").Error,
            ErrorIds.ContainerNotFound,
            "GetCtrContainer",
            ErrorCategory.ObjectNotFound
        );
        Assert.Equal([$"pwsh-name/{Id}-new"], Names($"Get-CtrLease pwsh-name/{Id}*"));
        AssertError(
            Engine.Invoke($"Rename-CtrContainer {Id}-plain {Id}-new").Error,
            ErrorIds.NameExists,
            "RenameCtrContainer",
            ErrorCategory.ResourceExists
        );
        AssertError(
            Engine.Invoke($"Rename-CtrContainer {Id}-new {Id}-plain").Error,
            ErrorIds.NameExists,
            "RenameCtrContainer",
            ErrorCategory.ResourceExists
        );
        Assert.Equal($"{Id}-new", Engine.Require<CtrContainer>($"Rename-CtrContainer {Id}-new {Id}-new -PassThru").Name);
        Assert.Equal($"{Id}-2", Engine.Require<CtrContainer>($"Get-CtrContainer {Id}-plain | Rename-CtrContainer {Id}-2 -PassThru").Name);
        Assert.Empty(Engine.Require($"Rename-CtrContainer -Name {Id}-2 -NewName {Id}-3 -WhatIf"));
        Assert.Equal($"{Id}-2", Engine.Require<CtrContainer>($"Get-CtrContainer {Id}-plain").Name);
        // The old name is free for another container at once.
        Engine.Require($"Invoke-CtrContainer {Busybox} -Name {Id} -- true");
        Assert.Empty(Engine.Require($"Get-CtrLease pwsh-name*/{Id}"));
    }

    [Fact]
    public void Completion_offers_names()
    {
        var made = Engine.Require<CtrContainer>($"New-CtrContainer -Name {Id} -Image {Busybox} -- true");
        Assert.Equal([Id], Engine.Complete($"Get-CtrContainer {Id}").Select(c => c.CompletionText));
        Assert.Equal([made.ContainerId], Engine.Complete($"Get-CtrContainer {made.ContainerId[..8]}").Select(c => c.CompletionText));
        var all = Engine.Complete("Rename-CtrContainer ").Select(c => c.CompletionText).ToList();
        Assert.Contains(Id, all);
        Assert.DoesNotContain(made.ContainerId, all);
    }

    [Fact]
    public void Jobs_keep_the_name()
    {
        Engine.Require($"New-CtrContainer -Name {Id} -Image {Busybox} -- true");
        Assert.Equal(
            Id,
            Engine.Require<string>(
                $"$text = [Management.Automation.PSSerializer]::Serialize((Get-CtrContainer {Id})); ([Management.Automation.PSSerializer]::Deserialize($text)).Name"
            )
        );
    }

    [Fact]
    public void A_listing_that_is_empty_because_of_a_misspelled_namespace_reports_it()
    {
        string[] cmdlets =
        [
            "Get-CtrContainer",
            "Get-CtrTask",
            "Get-CtrImage",
            "Get-CtrSnapshot",
            "Get-CtrContent",
            "Get-CtrLease",
            "Get-CtrIngest",
            "Get-CtrProcess",
            "Get-CtrStats",
        ];
        Assert.All(cmdlets, c =>
            Assert.Contains(Engine.Invoke($"{c} -Namespace {Id}").Warnings, w =>
                w.Message.Contains($"'{Id}' does not exist", StringComparison.Ordinal)
            )
        );
        Assert.Empty(Engine.Invoke($"Get-CtrContainer {Id}*").Warnings);
        Assert.Empty(Engine.Invoke($"Get-CtrContainer {Id} -Namespace {Id}").Warnings);
    }

    [Fact]
    public async Task Only_one_of_two_clients_gets_a_name_whose_container_another_program_deleted()
    {
        var old = Engine.Require<CtrContainer>($"New-CtrContainer -Name {Id} -Image {Busybox} -- true");
        await DaemonFixture.CtrAsync("containers", "delete", old.ContainerId);
        var refused = Engine.Invoke($"New-CtrContainer -Name {Id} -Image {Busybox} -- true");
        // On a slow machine the grace may be over by now.
        if (refused.Errors.Count > 0)
        {
            AssertError(refused.Error, ErrorIds.NameExists, "NewCtrContainer", ErrorCategory.ResourceExists, Id);
            await Eventually.TrueAsync(() => Names(Takers()).Any(r => !r.StartsWith(ErrorIds.NameExists, StringComparison.Ordinal)));
        }

        Assert.Single(Engine.Require($"Get-CtrContainer | Where-Object Name -eq {Id}"));
        var holder = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").ContainerId;
        Assert.NotEqual(old.ContainerId, holder);
        Assert.Equal([holder], Names($"Get-CtrLease *{Id} | ForEach-Object ContainerId"));
    }

    [Fact]
    public async Task A_namespace_with_a_leftover_name_can_be_removed()
    {
        Engine.Require($"New-CtrContainer -Name {Id} -Namespace {Id} -Rootfs {Folder} -- true");
        var container = Engine.Require<CtrContainer>($"Get-CtrContainer {Id} -Namespace {Id}");
        Assert.Equal(
            (1, 0),
            Engine.Require<CtrNamespace>($"Get-CtrNamespace {Id} -Detailed") is { Counts: { } counts }
                ? (counts.Containers, counts.Leases)
                : default
        );
        await Shell.RunAsync(
            "ctr",
            "--address",
            DaemonFixture.Daemon.SocketPath,
            "--namespace",
            Id,
            "containers",
            "delete",
            container.ContainerId
        );
        Engine.Require($"Remove-CtrNamespace {Id} -Confirm:$false");
        Assert.Empty(Engine.Require($"Get-CtrNamespace | Where-Object Name -eq {Id}"));
    }

    /// <summary>
    /// So many clients that create a container of the test's name at once, each on a connection of its own: an id for the winner, an error
    /// id for the others.
    /// </summary>
    private string Takers(int count = 2) =>
        $"1..{count} | ForEach-Object -ThrottleLimit {count} -Parallel {{ Import-Module Containerd; try {{ (New-CtrContainer -Session (Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Daemon.Namespace}) "
        + $"-Name {Id} -Image {Busybox} -ErrorAction Stop -- true).ContainerId }} catch {{ $_.FullyQualifiedErrorId }} }}";

    private IReadOnlyList<string> Names(string script) => [.. Engine.Require(script).Select(o => o.ToString())];
}
