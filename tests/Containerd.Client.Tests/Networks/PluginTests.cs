using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Containerd.Host.Networks.Attachments;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;
using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>Plugins as programs, and the ports that they publish.</summary>
public sealed class PluginTests
{
    [Fact]
    public async Task A_plugin_that_hangs_is_killed_with_the_programs_that_it_started()
    {
        using var bed = await NetworkBed.CreateAsync();
        var pid = Path.Combine(bed.OwnPlugins, "pid");
        var plugin = Plugin(bed, $"sleep 1000 & echo $! > {pid}.new; mv {pid}.new {pid}; wait");
        CniPluginException error;
        var limit = TimeSpan.FromSeconds(1);
        do
        {
            // The time limit starts with the plugin: on a busy machine it may end before the plugin's first line.
            error = Assert.Throws<CniPluginException>(() => plugin.Run("ADD", [], [], new TimeBudget(limit)));
            limit *= 2;
        } while (!File.Exists(pid));

        Assert.StartsWith("it did not end within ", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorIds.NetworkPluginTimedOut, error.ToError("front", []).ErrorId);
        var child = int.Parse(await File.ReadAllTextAsync(pid), CultureInfo.InvariantCulture);
        await Eventually.TrueAsync(() => ProcessMark.Of(child) is null);
    }

    [Fact]
    public async Task A_process_that_a_plugin_leaves_behind_does_not_delay_it()
    {
        using var bed = await NetworkBed.CreateAsync();
        var pid = Path.Combine(bed.OwnPlugins, "pid");
        const string Script = "sleep 1000 & echo $! > PID; echo \"{\\\"input\\\":$(cat),\\\"command\\\":\\\"$CNI_COMMAND $CNI_NETNS\\\"}\"";
        var result = Plugin(bed, Script.Replace("PID", pid, StringComparison.Ordinal))
            .Run("ADD", [("NETNS", "/x")], new JsonObject { ["name"] = "front" }, new TimeBudget(TimeSpan.FromMinutes(5)))!;
        Assert.Equal("front", (string?)result["input"]!["name"]);
        Assert.Equal("ADD /x", (string?)result["command"]);
        // It still runs.
        Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(pid), CultureInfo.InvariantCulture)).Kill();
    }

    [Theory]
    [InlineData("""echo '{"code":7,"msg":"bad","details":"very"}'; exit 1""", 7, "bad; very")]
    [InlineData("""echo '{"code":11}'; echo first >&2; echo last >&2; exit 1""", 11, "last")]
    [InlineData("echo panic; exit 2", 0, "panic")]
    [InlineData("exit 9", 0, "it ended with exit code 9")]
    [InlineData("kill -9 $$", 0, "it ended with exit code 137")]
    public async Task The_error_of_a_plugin_is_what_it_reports(string script, int code, string message)
    {
        using var bed = await NetworkBed.CreateAsync();
        var error = Assert.Throws<CniPluginException>(() =>
            Plugin(bed, script).Run("ADD", [], [], new TimeBudget(TimeSpan.FromSeconds(60)))
        );
        Assert.Equal((code, message), (error.Code, error.Message));
    }

    [Fact]
    public async Task The_wait_for_the_lock_is_bounded()
    {
        using var bed = await NetworkBed.CreateAsync();
        using (NetworkLock.Take(bed.Folders, TimeSpan.FromSeconds(60)))
        {
            var error = Assert.Throws<CtrTimeoutException>(() => NetworkLock.Take(bed.Folders, TimeSpan.FromMilliseconds(50)));
            Assert.Equal(ErrorIds.NetworkBusy, error.ErrorId);
        }

        NetworkLock.Take(bed.Folders, TimeSpan.FromSeconds(60)).Dispose();
    }

    [Fact]
    public async Task A_missing_plugin_is_named_before_anything_runs()
    {
        using var bed = await NetworkBed.CreateAsync();
        var network = bed.AddNetwork("front", "10.88.1.0/24");
        bed.AddPlugin(network, "absent", "");
        File.Delete(Path.Combine(bed.OwnPlugins, "absent"));
        var failure = bed.Create(bed.Request("web", "front"), bed.Sandbox.StartContainer())!;
        Assert.Equal((ErrorIds.NetworkPluginMissing, "absent"), (failure.ErrorId, failure.Subject));
        Assert.Contains("containernetworking-plugins", failure.Remedy, StringComparison.Ordinal);
        Assert.Equal(ErrorIds.NetworkNotFound, bed.Create(bed.Request("web", "none"), bed.Sandbox.StartContainer())!.ErrorId);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task A_port_in_use_names_the_process_or_the_container()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        var listener = bed.Sandbox.StartScript("exec busybox httpd -f -p 127.0.0.1:8080");
        await Eventually.TrueAsync(() => bed.Sandbox.Run(() => PortCheck.IsBound(Port("8080/tcp"))));
        Assert.Equal($"The port 8080/tcp of the host is in use by the process 'busybox' ({listener.Id}).", Refused(bed, Port("8080/tcp")));
        Assert.Null(Refused(bed, Port("8080/udp")));
        Assert.Null(Refused(bed, Port("8080/tcp") with { HostAddress = "127.0.0.2" }));

        // Another program's container, which runs; and one that does not.
        var pid = bed.Sandbox.StartContainer();
        Foreign("nerdctl-web", $"/proc/{pid}/ns/net", 8081);
        Foreign("nerdctl-old", "/proc/1000000/ns/net", 8082);
        Foreign("nerdctl-reused", $"/proc/{listener.Id}/ns/net", 8083);
        Assert.Equal(
            "The port 8081/tcp of the host is in use by the container 'nerdctl-web' of another program.",
            Refused(bed, Port("8081/tcp"))
        );
        Assert.Null(Refused(bed, Port("8082/tcp")));
        Assert.Null(Refused(bed, Port("8083/tcp")));
        Assert.Null(Refused(bed, Port("8081/udp")));

        static RequestedPort Port(string text) =>
            text.Split('/') is [var port, var protocol]
                ? new()
                {
                    HostPort = int.Parse(port, CultureInfo.InvariantCulture),
                    ContainerPort = 80,
                    Protocol = protocol,
                }
                : throw new FormatException(text);

        void Foreign(string id, string netns, int port) =>
            new CniCacheEntry
            {
                File = Path.Combine(bed.Folders.Results, id),
                ContainerId = id,
                Config = "{}"u8.ToArray(),
                Netns = netns,
                Capabilities = new JsonObject
                {
                    ["portMappings"] = new JsonArray(new JsonObject { ["hostPort"] = port, ["protocol"] = "tcp" }),
                },
            }.Write();
    }

    [Fact]
    public void A_rule_of_a_plugin_is_read_as_it_is_listed()
    {
        var rule = LeftoverRules.Parse(
            "iptables",
            """-A POSTROUTING -s 10.4.0.2/32 -m comment --comment "name: \"bridge\" id: \"default-web\"" -j CNI-0123456789abcdef01234567"""
        )!;
        Assert.Equal(("default-web", "bridge", "CNI-0123456789abcdef01234567"), (rule.Container, rule.Network, rule.Target));
        Assert.Equal("""name: "bridge" id: "default-web" """.TrimEnd(), rule.Arguments[6]);
        Assert.Null(LeftoverRules.Parse("iptables", "-A POSTROUTING -j MASQUERADE"));
        Assert.Null(LeftoverRules.Parse("iptables", "-N CNI-0123456789abcdef01234567"));
    }

    private static string? Refused(NetworkBed bed, RequestedPort port)
    {
        try
        {
            bed.Sandbox.Run(() => PortCheck.Check(bed.Request("web", "front") with { Ports = [port] }));
            return null;
        }
        catch (CtrConflictException e)
        {
            Assert.Equal((ErrorIds.PortInUse, port.ToString()), (e.ErrorId, e.Subject));
            return e.Message;
        }
    }

    private static CniPlugin Plugin(NetworkBed bed, string script)
    {
        var program = Path.Combine(bed.OwnPlugins, "own");
        File.WriteAllBytes(program, Encoding.UTF8.GetBytes($"#!/bin/sh\n{script}\n"));
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new CniPlugin("own", program);
    }
}
