using System.Collections;
using Containerd.Client.Daemon;
using Containerd.Client.Specs;
using Containerd.Host;

namespace Containerd.Client.Tests.Specs;

/// <summary>The cgroups of new containers, by host, driver and parent.</summary>
public sealed class CgroupPathTests
{
    private const CtrCgroupDriver Cgroupfs = CtrCgroupDriver.Cgroupfs;
    private const CtrCgroupDriver Systemd = CtrCgroupDriver.Systemd;

    [Theory]
    [InlineData(CgroupVersion.V2, true, Systemd)]
    [InlineData(CgroupVersion.V2, false, Cgroupfs)]
    [InlineData(CgroupVersion.V1, true, Cgroupfs)]
    [InlineData(CgroupVersion.Unknown, true, Cgroupfs)]
    public void Systemd_is_the_default_on_a_host_with_cgroup_v2_and_systemd(
        CgroupVersion version,
        bool systemd,
        CtrCgroupDriver expected
    ) => Assert.Equal(expected, new HostFacts { CgroupVersion = version, Systemd = systemd }.CgroupDriver);

    [Theory]
    [InlineData(null, null, Systemd, "system.slice:default:web")]
    [InlineData(null, null, Cgroupfs, "/default/web")]
    [InlineData(Systemd, null, Cgroupfs, "system.slice:default:web")]
    [InlineData(Cgroupfs, null, Systemd, "/default/web")]
    [InlineData(null, "/a", Systemd, "/a/web")]
    [InlineData(null, "a.slice", Cgroupfs, "a.slice:default:web")]
    [InlineData(Systemd, "a.slice:p", Cgroupfs, "a.slice:p:web")]
    public void The_driver_of_the_caller_precedes_that_of_the_parent_and_that_of_the_host(
        CtrCgroupDriver? driver,
        string? parent,
        CtrCgroupDriver host,
        string expected
    ) => Assert.Equal(expected, CgroupPath.Build(driver, parent, "default", "web", host));

    [Theory]
    [InlineData(Systemd, "/a/b", "system.slice")]
    [InlineData(Cgroupfs, "a.slice", "/a/b")]
    public void A_parent_of_the_other_driver_is_rejected(CtrCgroupDriver driver, string parent, string advice)
    {
        var error = Assert.Throws<CtrArgumentException>(() => CgroupPath.Build(driver, parent, "default", "web", Cgroupfs));
        Assert.Equal((ErrorIds.InvalidCgroupParent, parent), (error.ErrorId, error.Subject));
        Assert.Contains(advice, error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_containers_never_have_the_same_scope()
    {
        // A runtime connects the prefix and the name by a hyphen; runc takes a name that ends in .slice for the whole unit.
        static string Unit(string containerdNamespace, string id)
        {
            var parts = CgroupPath.Build(Systemd, null, containerdNamespace, id, Cgroupfs).Split(':');
            return parts[2].EndsWith(".slice", StringComparison.Ordinal) ? parts[2] : $"{parts[1]}-{parts[2]}.scope";
        }

        string[] names = ["a", "b", "a-b", "b-c", "c", "a-b-c", "system.slice", "a.slice", "a-system.slice"];
        var units = names.SelectMany(ns => names.Select(id => Unit(ns, id))).ToList();
        Assert.Equal(names.Length * names.Length, units.Distinct().Count());
        Assert.DoesNotContain("system.slice", units);
        Assert.Equal("default-web.scope", Unit("default", "web"));
        Assert.Equal("default-my-web.scope", Unit("default", "my-web"));
    }

    [Theory]
    [InlineData("/old/web", "/new/copy")]
    [InlineData("system.slice:old:web", "system.slice:new:copy")]
    [InlineData("a.slice:mine:web", "a.slice:mine:copy")]
    [InlineData("a.slice:mine:name", "a.slice:mine:name")]
    [InlineData("/a/web", "/a/web")]
    [InlineData(null, null)]
    public void A_restored_container_gets_the_default_cgroup_of_its_own_id(string? path, string? expected) =>
        Assert.Equal(expected, CgroupPath.Rename(path, ("old", "web"), ("new", "copy")));

    [Fact]
    public void The_runtime_and_its_options_decide_too()
    {
        static CtrCgroupDriver? Of(string? runtime, IDictionary? options, CtrCgroupDriver? wanted = null, string? parent = null) =>
            RuntimeChoice.CgroupDriver(runtime, options, wanted, parent, RuntimeChoice.Runc);

        Assert.Null(Of(null, null));
        Assert.Null(Of("crun", new Hashtable { ["NoNewKeyring"] = true }));
        Assert.Equal(Systemd, Of("crun", null, Systemd));
        Assert.Equal(Systemd, Of(null, new Hashtable { ["SystemdCgroup"] = true }));
        Assert.Equal(Cgroupfs, Of(null, new Hashtable { ["systemd_cgroup"] = "false" }));
        // A shim without this option, whose notation is not known.
        Assert.Equal(Cgroupfs, Of("io.containerd.kata.v2", null));
        Assert.Null(Of("io.containerd.kata.v2", null, parent: "a.slice"));
        Assert.Equal(Systemd, Of("io.containerd.kata.v2", null, Systemd));
        var error = Assert.Throws<CtrArgumentException>(() => Of(null, new Hashtable { ["SystemdCgroup"] = false }, Systemd));
        Assert.Equal(ErrorIds.ConflictingParameters, error.ErrorId);
    }
}
