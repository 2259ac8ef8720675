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
        foreach (var cmdlet in new[] { "Get-CtrContainer", "Stop-CtrTask", "Get-CtrContent", "Get-CtrIngest", "Copy-CtrItem", "Clear-CtrContent", "Measure-CtrStorage", "Get-CtrLease" })
        {
            var error = Assert.IsType<ParameterBindingException>(_engine.Invoke($"{cmdlet} -Na web").Exception, exactMatch: false);
            Assert.Equal("AmbiguousParameter", error.ErrorId);
        }
    }

    [Fact]
    public void Cmdlets_that_name_no_single_object_refuse_Name_and_say_what_to_use()
    {
        foreach (var line in new[] { "Clear-CtrContent -Name web", "Copy-CtrItem a b -Name web", "Measure-CtrStorage -Name web" })
        {
            var error = Assert.IsType<ParameterBindingException>(_engine.Invoke(line).Exception, exactMatch: false);
            Assert.Contains("has no parameter -Name", error.Message, StringComparison.Ordinal);
            Assert.Contains("-Namespace", error.Message, StringComparison.Ordinal);
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
    public void Only_containers_of_the_objects_of_containers_have_a_name()
    {
        var types = typeof(CtrContainer).Assembly.GetExportedTypes().Where(t => typeof(ICtrContainerObject).IsAssignableFrom(t)).ToList();
        Assert.Equal([typeof(CtrContainer)], types.Where(t => t.GetProperty("Name") is not null));
        Assert.Empty(types.Where(t => t.GetProperty("Id") is not null));
    }
}
