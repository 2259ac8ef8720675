using System.Globalization;
using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>What a container's processes may do to the kernel and the host.</summary>
public sealed class SecurityTests(DaemonFixtures fixtures) : SpecEffectTest(fixtures)
{
    private const string Default = "00000000a80425fb";

    // Everything that root on this host has.
    private static string All =>
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("CapBnd:", StringComparison.Ordinal)).Split('\t')[1];

    [Theory]
    [InlineData("", Default)]
    [InlineData("-CapDrop ALL", "0000000000000000")]
    [InlineData("-CapDrop all -CapAdd chown", "0000000000000001")]
    [InlineData("-CapDrop ALL -CapAdd CAP_CHOWN, net_admin", "0000000000001001")]
    [InlineData("-CapDrop KILL, CAP_NET_RAW", "00000000a80405db")]
    [InlineData("-CapAdd SYS_ADMIN", "00000000a82425fb")]
    public void Capabilities_are_added_and_dropped(string options, string expected)
    {
        Assert.Equal(expected, Status(options, "CapEff"));
        Assert.Equal(expected, Status(options, "CapBnd"));
    }

    [Fact]
    public void All_capabilities_are_those_of_the_host()
    {
        Assert.Equal(All, Status("-CapAdd ALL", "CapEff"));
        var withoutOne = ulong.Parse(All, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & ~1UL;
        Assert.Equal(withoutOne.ToString("x16", CultureInfo.InvariantCulture), Status("-CapAdd ALL -CapDrop CHOWN", "CapEff"));
    }

    [Fact]
    public void A_user_who_is_not_root_has_no_capabilities() => Assert.Equal("0000000000000000", Status("-User app", "CapEff"));

    [Theory]
    [InlineData("-User app -CapAdd NET_BIND_SERVICE", "0000000000000400")]
    [InlineData("-User 1000:1000 -CapAdd net_admin, NET_BIND_SERVICE -CapDrop NET_ADMIN", "0000000000000400")]
    [InlineData("-User 1000 -CapDrop ALL -CapAdd CHOWN", "0000000000000001")]
    public void A_user_who_is_not_root_has_the_capabilities_that_were_added(string options, string expected)
    {
        Assert.Equal(expected, Status(options, "CapEff"));
        Assert.Equal(expected, Status(options, "CapAmb"));
    }

    [Fact]
    public void A_user_who_is_not_root_opens_a_port_below_1024_with_the_added_capability()
    {
        const string Script = "httpd -p 80 2>/dev/null && echo opened || echo refused";
        Assert.Equal("refused", Run("-User 1000", Script));
        Assert.Equal("opened", Run("-User 1000 -CapAdd NET_BIND_SERVICE", Script));
        Assert.Equal("0000000000000000", Status("-CapAdd NET_BIND_SERVICE", "CapAmb"));
    }

    [Theory]
    [InlineData("", "2")]
    [InlineData("-SeccompProfile default", "2")]
    [InlineData("-SeccompProfile unconfined", "0")]
    [InlineData("-Privileged", "0")]
    [InlineData("-Privileged -SeccompProfile default", "2")]
    public void System_calls_are_filtered_unless_disabled(string options, string expected) =>
        Assert.Equal(expected, Status(options, "Seccomp"));

    [Fact]
    public void A_custom_profile_is_enforced()
    {
        File.WriteAllText(
            Path.Combine(Folder, "no-mkdir.json"),
            """{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{ "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO" }] }"""
        );
        const string Script = "mkdir /tmp/x 2>&1 && echo made; touch /tmp/y && echo touched";
        Assert.Equal("made\ntouched", Run("", Script));
        Assert.Equal(
            "mkdir: can't create directory '/tmp/x': Operation not permitted\ntouched",
            Run($"-SeccompProfile {Folder}/no-mkdir.json", Script)
        );
        // Through the provider: below the current location.
        Engine.Require($"$null = $ExecutionContext.SessionState.Path.SetLocation('{Folder}')");
        Assert.Equal(
            "mkdir: can't create directory '/tmp/x': Operation not permitted\ntouched",
            Run("-SeccompProfile no-mkdir.json", Script)
        );
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("-AllowNewPrivileges", "0")]
    [InlineData("-Privileged", "0")]
    [InlineData("-Privileged -AllowNewPrivileges:$false", "1")]
    public void Privileges_cannot_be_gained_unless_it_is_allowed(string options, string expected) =>
        Assert.Equal(expected, Status(options, "NoNewPrivs"));

    [Fact]
    public void A_privileged_container_has_the_hosts_capabilities_devices_and_kernel_parameters()
    {
        Assert.Equal(All, Status("-Privileged", "CapEff"));
        const string Script =
            "ls /dev | grep -cx -e kmsg -e mem; (echo $(cat /proc/sys/kernel/panic) > /proc/sys/kernel/panic) 2>/dev/null && echo writes || echo reads; grep ' /sys sysfs ' /proc/mounts | cut -d ' ' -f 4 | cut -d , -f 1";
        Assert.Equal(["writes", "rw"], Run("-Privileged", Script).Split('\n')[1..]);
        Assert.NotEqual("0", Run("-Privileged", Script).Split('\n')[0]);
        Assert.Equal(["0", "reads", "ro"], Run("", Script).Split('\n'));
    }

    [Theory]
    [InlineData("/dev/kmsg", "/dev/kmsg", "write")]
    [InlineData("/dev/kmsg:/dev/log/other", "/dev/log/other", "write")]
    [InlineData("/dev/kmsg:/dev/other:r", "/dev/other", "read")]
    [InlineData("/dev/kmsg:r", "/dev/kmsg", "read")]
    public void A_device_of_the_host_is_available_with_its_permissions(string device, string path, string access)
    {
        var said = Run(
            $"-Device {device}",
            $"stat -c '%t:%T' {path}; (: > {path}) 2>/dev/null && echo write || echo read; ls /dev/kmsg-none 2>/dev/null"
        );
        Assert.Equal(["1:b", access], said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Without_a_device_parameter_there_are_no_devices_of_the_host() =>
        Assert.Equal("no", Run("", "test -e /dev/kmsg && echo yes || echo no"));
}
