using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

public sealed class ModuleTests
{
    [Fact]
    public void The_built_module_exports_just_what_its_manifest_names()
    {
        using var engine = new Engine();
        var exported = engine.Require("(Get-Module Containerd).ExportedCmdlets.Keys").Select(name => name.ToString()).Order(StringComparer.Ordinal);
        var cmdlets = engine.Require("[Containerd.PowerShell.CtrCmdlet].Assembly.GetTypes()").Select(type => (Type)type.BaseObject)
            .SelectMany(type => type.GetCustomAttributes(typeof(System.Management.Automation.CmdletAttribute), inherit: false))
            .Cast<System.Management.Automation.CmdletAttribute>()
            .Select(cmdlet => $"{cmdlet.VerbName}-{cmdlet.NounName}").Order(StringComparer.Ordinal);
        Assert.Equal(cmdlets, exported);
    }

    [Fact]
    public void The_module_survives_removal_and_a_forced_import()
    {
        using var engine = new Engine();
        engine.Require("Remove-Module Containerd; Import-Module Containerd; Import-Module Containerd -Force");
        Assert.NotNull(engine.Require<string>("(Get-Command Get-CtrDaemon).Name"));
    }

    [Fact]
    public void The_models_types_are_found_by_type_literals()
    {
        using var engine = new Engine();
        Assert.Equal("web", engine.Require<string>("[Containerd.CtrDaemon]@{ Name = 'web' } | ForEach-Object ToString"));
    }
}
