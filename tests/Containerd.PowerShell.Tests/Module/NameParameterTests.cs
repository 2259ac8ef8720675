using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>-Name never means -Namespace, and names in the pipeline never choose an object by accident.</summary>
public sealed class NameParameterTests : IDisposable
{
    // Objects that are named by Name bind by it.
    private static readonly string[] ByProperty = ["Get-CtrImage", "Receive-CtrImage", "New-CtrImage"];

    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void No_cmdlet_takes_Name_for_Namespace()
    {
        var cmdlets = _engine.Require("Get-Command -Module Containerd -CommandType Cmdlet").Select(c => (CmdletInfo)c.BaseObject).Where(c => c.Parameters.ContainsKey("Namespace")).ToList();
        Assert.True(cmdlets.Count > 50);
        Assert.Empty(cmdlets.Where(c => !c.Parameters.Values.Any(p => p.Name == "Name" || p.Aliases.Contains("Name"))).Select(c => c.Name));
    }

    [Fact]
    public void A_prefix_of_Name_is_ambiguous_and_not_silent()
    {
        foreach (var cmdlet in new[] { "Get-CtrContainer", "Stop-CtrTask", "Get-CtrContent", "Get-CtrIngest", "Copy-CtrItem", "Measure-CtrStorage", "Get-CtrLease" })
        {
            Assert.StartsWith("AmbiguousParameter,", _engine.Invoke($"{cmdlet} -Na web").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Cmdlets_that_name_no_single_object_refuse_Name_and_say_what_to_use()
    {
        foreach (var line in new[] { "Copy-CtrItem a b -Name web", "Measure-CtrStorage -Name web" })
        {
            var error = _engine.Invoke(line).Error;
            Assert.Contains("has no parameter -Name", error.Exception.Message, StringComparison.Ordinal);
            Assert.Contains("-Namespace", error.Exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Name_binds_by_property_only_where_objects_are_named_by_it()
    {
        var bound = _engine.Require("Get-Command -Module Containerd -CommandType Cmdlet").Select(c => (CmdletInfo)c.BaseObject)
            .Where(c => c.Parameters.Values.Any(p => (p.Name == "Name" || p.Aliases.Contains("Name")) && p.ParameterSets.Values.Any(s => s.ValueFromPipelineByPropertyName)))
            .Select(c => c.Name);
        Assert.Equal(ByProperty.Order(StringComparer.Ordinal), bound.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Containers_have_a_name_and_no_object_of_a_container_has_an_id_by_that_name()
    {
        var types = typeof(CtrContainer).Assembly.GetExportedTypes().Where(t => typeof(ICtrContainerObject).IsAssignableFrom(t)).ToList();
        // What an event is about and what a process is called on the host are older.
        Assert.Equal([typeof(CtrContainer), typeof(CtrEvent), typeof(CtrProcessInfo)], types.Where(t => t.GetProperty("Name") is not null).OrderBy(t => t.Name, StringComparer.Ordinal));
        Assert.DoesNotContain(types, t => t.GetProperty("Id") is not null);
    }
}
