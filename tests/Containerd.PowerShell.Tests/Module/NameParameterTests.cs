using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>-Name never means -Namespace, and names in the pipeline never choose an object by accident.</summary>
public sealed class NameParameterTests : IDisposable
{
    // A checkpoint is made again where it is; a copied item's parameters are its own. Nothing binds a lease, a mount, a network or a push
    // there: the cmdlets accept no such objects. A place in a network is what is disconnected.
    private static readonly string[] ByProperty =
    [
        "Checkpoint-CtrTask -Path CtrCheckpoint",
        "Checkpoint-CtrTask -Path CtrFileChange",
        "Checkpoint-CtrTask -Path CtrNetwork",
        "Checkpoint-CtrTask -Path CtrSnapshotMount",
        "Checkpoint-CtrTask -Path CtrVolume",
        "Connect-CtrNetwork -Network CtrNetworkAttachment",
        "Connect-CtrSession -Address CtrSnapshotMount",
        "Copy-CtrItem -Destination CtrCopiedItem",
        "Copy-CtrItem -Destination CtrImagePush",
        "Disconnect-CtrNetwork -Network CtrNetworkAttachment",
        "Restore-CtrContainer -Id CtrLease",
    ];

    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void No_cmdlet_takes_Name_for_Namespace()
    {
        var cmdlets = _engine
            .Require("Get-Command -Module Containerd -CommandType Cmdlet")
            .Select(c => (CmdletInfo)c.BaseObject)
            .Where(c => c.Parameters.ContainsKey("Namespace"))
            .ToList();
        Assert.True(cmdlets.Count > 50);
        Assert.Empty(cmdlets.Where(c => !c.Parameters.Values.Any(p => p.Name == "Name" || p.Aliases.Contains("Name"))).Select(c => c.Name));
    }

    [Fact]
    public void A_prefix_of_Name_is_ambiguous_and_not_silent()
    {
        foreach (
            var cmdlet in new[]
            {
                "Get-CtrContainer",
                "Stop-CtrTask",
                "Get-CtrContent",
                "Get-CtrIngest",
                "Copy-CtrItem",
                "Measure-CtrStorage",
                "Get-CtrLease",
            }
        )
        {
            Assert.StartsWith(
                "AmbiguousParameter,",
                _engine.Invoke($"{cmdlet} -Na web").Error.FullyQualifiedErrorId,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Cmdlets_without_a_single_object_reject_Name_with_the_alternative()
    {
        foreach (
            var line in new[]
            {
                "Copy-CtrItem a b -Name web",
                "Measure-CtrStorage -Name web",
                "Clear-CtrNetwork -Name web",
                "Clear-CtrContainer -Name web",
            }
        )
        {
            var error = _engine.Invoke(line).Error;
            Assert.Contains("has no parameter -Name", error.Exception.Message, StringComparison.Ordinal);
            Assert.Contains("-Namespace", error.Exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_object_of_the_module_binds_a_parameter_by_the_name_of_a_property_by_accident()
    {
        var types = typeof(CtrContainer).Assembly.GetExportedTypes().Where(t => t is { IsClass: true, IsAbstract: false }).ToList();
        var bound =
            from cmdlet in _engine.Require("Get-Command -Module Containerd -CommandType Cmdlet").Select(c => (CmdletInfo)c.BaseObject)
            from parameter in cmdlet.Parameters.Values
            where parameter.ParameterSets.Values.Any(s => s.ValueFromPipelineByPropertyName)
            from name in parameter.Aliases.Prepend(parameter.Name)
            from type in types
            where
                typeof(ICtrObject).IsAssignableFrom(type)
                && type.GetProperties().Any(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            select $"{cmdlet.Name} -{parameter.Name} {type.Name}";
        Assert.Equal(ByProperty, bound.Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(
            _engine
                .Require("Get-Command -Module Containerd -CommandType Cmdlet")
                .SelectMany(c => ((CmdletInfo)c.BaseObject).Parameters.Values),
            p => (p.Name == "Name" || p.Aliases.Contains("Name")) && p.ParameterSets.Values.Any(s => s.ValueFromPipelineByPropertyName)
        );
    }

    [Fact]
    public async Task Objects_with_their_own_names_do_not_name_an_image_but_rows_and_results_about_images_do()
    {
        Assert.SkipWhen(HostProcess.Pwsh is null, "There is no pwsh on this machine.");
        var run = await HostProcess.RunInPwshAsync(
            """
            Import-Module Containerd
            $env:CONTAINERD_ADDRESS = '/nonexistent/containerd.sock'
            $ErrorActionPreference = 'Stop'
            function Try-It($name, $block) { try { $null = & $block; Say $name none } catch { Say $name ("$($_.FullyQualifiedErrorId) $($_.Exception.Message)" -replace "`n", ' ') } }
            $web = [Containerd.CtrContainer]@{ ContainerId = '08ccf5ee69a5'; Name = 'web' }
            Try-It container { $web | New-CtrImage -Name { "backup/$($_.ContainerId)" } }
            Try-It namespace { [Containerd.CtrNamespace]@{ Name = 'web' } | Get-CtrImage }
            Try-It process { Get-Process -Id $PID | Receive-CtrImage }
            Try-It selected { $web | Select-Object Name | Receive-CtrImage }
            $image = [Containerd.CtrImage]@{ Name = 'busybox' }
            Try-It row { [pscustomobject]@{ Name = 'busybox' } | Get-CtrImage }
            Try-It csv { 'Name', 'busybox' | ConvertFrom-Csv | Receive-CtrImage }
            Try-It columns { $image | Select-Object Name | Get-CtrImage }
            Try-It copy { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($image)) | Get-CtrImage }
            Try-It test { [Containerd.CtrImageTest]@{ Name = 'busybox' } | Get-CtrImage }
            """
        );
        foreach (var name in new[] { "namespace", "process", "selected" })
            Assert.Contains("does not name an image", run[name], StringComparison.Ordinal);
        // The name is accepted, and the daemon is what is missing.
        foreach (var name in new[] { "container", "row", "csv", "columns", "copy", "test" })
            Assert.StartsWith("SocketNotFound,", run[name], StringComparison.Ordinal);
    }

    [Fact]
    public void Containers_have_a_name_and_no_object_of_a_container_has_an_id_by_that_name()
    {
        var types = typeof(CtrContainer).Assembly.GetExportedTypes().Where(t => typeof(ICtrContainerObject).IsAssignableFrom(t)).ToList();
        // What an event is about and what a process is called on the host are older.
        Assert.Equal(
            [typeof(CtrContainer), typeof(CtrEvent), typeof(CtrProcessInfo)],
            types.Where(t => t.GetProperty("Name") is not null).OrderBy(t => t.Name, StringComparer.Ordinal)
        );
        Assert.DoesNotContain(types, t => t.GetProperty("Id") is not null);
    }
}
