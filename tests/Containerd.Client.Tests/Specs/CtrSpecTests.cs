using System.Collections;
using System.Text.Json.Nodes;

namespace Containerd.Client.Tests.Specs;

public sealed class CtrSpecTests
{
    // Every section of a spec, fields that have no property, an explicit empty object, a number beyond 63 bits.
    private const string Everything = """
        {
          "ociVersion": "1.2.0",
          "process": {
            "terminal": true, "consoleSize": { "height": 24, "width": 80 },
            "user": { "uid": 1000, "gid": 1000, "umask": 18, "additionalGids": [4, 27] },
            "args": ["sh", "-c", "echo \"ä\" > /x && true"], "env": ["A=b+c"], "cwd": "/",
            "capabilities": { "bounding": ["CAP_KILL"], "effective": [], "inheritable": ["CAP_KILL"], "permitted": ["CAP_KILL"], "ambient": ["CAP_KILL"] },
            "rlimits": [{ "type": "RLIMIT_CORE", "hard": 18446744073709551615, "soft": 0 }],
            "noNewPrivileges": true, "apparmorProfile": "p", "oomScoreAdj": -500, "selinuxLabel": "l",
            "scheduler": { "policy": "SCHED_BATCH", "nice": 0, "flags": ["SCHED_FLAG_RESET_ON_FORK"] },
            "ioPriority": { "class": "IOPRIO_CLASS_IDLE", "priority": 4 },
            "execCPUAffinity": { "initial": "0-3", "final": "4" }
          },
          "root": { "path": "rootfs", "readonly": true },
          "hostname": "h", "domainname": "d",
          "mounts": [{ "destination": "/proc", "type": "proc", "source": "proc", "options": ["ro"],
                       "uidMappings": [{ "containerID": 0, "hostID": 1000, "size": 1 }], "gidMappings": [{ "containerID": 0, "hostID": 1000, "size": 1 }] }],
          "hooks": { "prestart": [{ "path": "/a", "args": ["a"], "env": ["B=c"], "timeout": 0 }], "createRuntime": [], "poststop": [{ "path": "/b" }] },
          "annotations": { "com.example.Key": "Value" },
          "linux": {
            "uidMappings": [{ "containerID": 0, "hostID": 1000, "size": 32000 }], "gidMappings": [{ "containerID": 0, "hostID": 1000, "size": 32000 }],
            "sysctl": { "net.ipv4.ip_forward": "1" },
            "resources": {
              "devices": [{ "allow": false, "access": "rwm" }, { "allow": true, "type": "c", "major": 1, "minor": 3, "access": "rwm" }],
              "memory": { "limit": 1, "reservation": 2, "swap": -1, "kernel": 3, "kernelTCP": 4, "swappiness": 0, "disableOOMKiller": false, "useHierarchy": true, "checkBeforeUpdate": true },
              "cpu": { "shares": 1024, "quota": -1, "burst": 1, "period": 100000, "realtimeRuntime": 1, "realtimePeriod": 2, "cpus": "0", "mems": "0", "idle": 0 },
              "pids": { "limit": -1 },
              "blockIO": { "weight": 10, "leafWeight": 10, "weightDevice": [{ "major": 8, "minor": 0, "weight": 500, "leafWeight": 300 }],
                           "throttleReadBpsDevice": [{ "major": 8, "minor": 0, "rate": 600 }], "throttleWriteBpsDevice": [], "throttleReadIOPSDevice": [], "throttleWriteIOPSDevice": [{ "major": 8, "minor": 0, "rate": 300 }] },
              "hugepageLimits": [{ "pageSize": "2MB", "limit": 9223372036854772000 }],
              "network": { "classID": 1048577, "priorities": [{ "name": "eth0", "priority": 500 }] },
              "rdma": { "mlx5_1": { "hcaHandles": 3, "hcaObjects": 10000 } },
              "unified": { "memory.high": "1" }
            },
            "cgroupsPath": "/a/b", "namespaces": [{ "type": "pid", "path": "/proc/1/ns/pid" }, { "type": "time" }],
            "devices": [{ "path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438, "uid": 0, "gid": 0 }],
            "netDevices": { "eth0": { "name": "container_eth0" } },
            "seccomp": { "defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86"], "flags": ["SCMP_FILTER_FLAG_LOG"], "listenerPath": "/l", "listenerMetadata": "m",
                         "syscalls": [{ "names": ["getcwd"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "args": [{ "index": 0, "value": 18446744073709551615, "valueTwo": 0, "op": "SCMP_CMP_EQ" }] }] },
            "rootfsPropagation": "slave", "maskedPaths": ["/proc/kcore"], "readonlyPaths": [], "mountLabel": "m",
            "intelRdt": { "closID": "c", "l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20", "enableCMT": true, "enableMBM": true, "schemata": ["L3:0=f"] },
            "memoryPolicy": { "mode": "MPOL_INTERLEAVE", "nodes": "2-3" },
            "personality": { "domain": "LINUX32", "flags": [] },
            "timeOffsets": { "monotonic": { "secs": 172800, "nanosecs": 5 } }
          },
          "windows": { "layerFolders": ["C:\\layers"], "hyperv": {} },
          "vm": { "kernel": { "path": "/k" } },
          "x-unknown": [1.50, null, { "deep": true }]
        }
        """;

    [Fact]
    public void A_full_spec_survives_the_round_trip()
    {
        var spec = CtrSpec.Parse(Everything);
        var again = JsonNode.Parse(spec.ToJson());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Everything), again), again!.ToJsonString());
        Assert.Equal(["windows", "vm", "x-unknown"], spec.Extra!.Keys);
        Assert.Equal(["netDevices", "memoryPolicy"], spec.Linux!.Extra!.Keys);
        Assert.Equal(ulong.MaxValue, spec.Process!.Rlimits![0].Hard);
        Assert.Equal("sh -c echo \"ä\" > /x && true", spec.ToString());
    }

    [Fact]
    public void A_clone_shares_nothing()
    {
        var spec = CtrSpec.Parse(Everything);
        var clone = spec.Clone();
        clone.Process!.Args![0] = "other";
        clone.Linux!.Resources!.Memory!.Limit = 99;
        Assert.Equal("sh", spec.Process!.Args![0]);
        Assert.Equal(1, spec.Linux!.Resources!.Memory!.Limit);
    }

    [Fact]
    public void The_text_stays_readable_and_null_values_are_omitted()
    {
        var spec = new CtrSpec
        {
            OciVersion = "1.0.2",
            Process = new() { Args = ["sh", "-c", "a > b && 'c' + <ü>"], Cwd = "/" },
        };
        Assert.Equal(
            """{"ociVersion":"1.0.2","process":{"args":["sh","-c","a > b && 'c' + <ü>"],"cwd":"/"}}""",
            spec.ToJson(indented: false)
        );
        Assert.Contains("\n  \"process\"", spec.ToJson(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"process\": {,}\n}", "line 2, position 15")]
    [InlineData("[]", "JSON object")]
    [InlineData("null", "JSON object")]
    [InlineData("", "line 1")]
    [InlineData("{\"process\":{\"args\":\"sh\"}}", "'process.args'")]
    [InlineData("{\n\"linux\":{\"resources\":{\"memory\":{\"limit\":\"64m\"}}}}", "'linux.resources.memory.limit'")]
    [InlineData("{\"process\":{\"user\":{\"uid\":-1}}}", "'process.user.uid'")]
    public void A_bad_spec_is_rejected_with_the_position_of_the_error(string json, string expected)
    {
        var e = Assert.Throws<CtrArgumentException>(() => CtrSpec.Parse(json));
        Assert.Equal(ErrorIds.InvalidSpec, e.ErrorId);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public void Dictionaries_convert_to_a_spec_regardless_of_case()
    {
        var spec = CtrSpec.FromDictionary(
            new Hashtable
            {
                ["Process"] = new Hashtable
                {
                    ["ARGS"] = "sh",
                    ["env"] = new ArrayList { "A=b", "C=d" },
                    ["User"] = new Hashtable { ["UID"] = 5, ["gid"] = 6L },
                    ["Rlimits"] = new CtrUlimit
                    {
                        Name = "nofile",
                        Soft = 10,
                        Hard = 20,
                    }.ToRlimit(),
                },
                ["linux"] = new Hashtable
                {
                    ["cgroupspath"] = "/x",
                    ["Resources"] = new Hashtable
                    {
                        ["Memory"] = new Hashtable { ["Limit"] = 64.0 * 1024 * 1024 * 1024 * 1024, ["Swap"] = new CtrSize(-1) },
                    },
                    ["Sysctl"] = new Hashtable { ["Net.Key"] = 1 },
                    ["NetDevices"] = new Hashtable { ["Eth0"] = new Hashtable() },
                    ["Seccomp"] = null,
                },
                ["Mounts"] = new object[]
                {
                    new CtrSpecMount { Destination = "/a" },
                    new Hashtable { ["destination"] = "/b", ["options"] = "ro" },
                },
                ["annotations"] = new Hashtable { ["Key"] = true },
            }
        );
        Assert.Equal(["sh"], spec.Process!.Args!);
        Assert.Equal(["A=b", "C=d"], spec.Process.Env!);
        Assert.Equal("5:6", spec.Process.User!.ToString());
        Assert.Equal("RLIMIT_NOFILE=10:20", Assert.Single(spec.Process.Rlimits!).ToString());
        Assert.Equal("/x", spec.Linux!.CgroupsPath);
        Assert.Equal(64L << 40, spec.Linux.Resources!.Memory!.Limit);
        Assert.Equal(-1, spec.Linux.Resources.Memory.Swap);
        Assert.Equal("1", spec.Linux.Sysctl!["Net.Key"]);
        Assert.Contains("Eth0", spec.Linux.Extra!["NetDevices"].ToString(), StringComparison.Ordinal);
        Assert.Null(spec.Linux.Seccomp);
        Assert.Equal(["/a", "/b"], spec.Mounts!.Select(m => m.Destination));
        Assert.Equal(["ro"], spec.Mounts![1].Options!);
        Assert.Equal("true", spec.Annotations!["Key"]);
    }

    [Fact]
    public void Dictionaries_with_a_value_of_the_wrong_type_name_the_field()
    {
        var wrongType = Assert.Throws<CtrArgumentException>(() =>
            CtrSpec.FromDictionary(new Hashtable { ["process"] = new Hashtable { ["user"] = new Hashtable { ["uid"] = "root" } } })
        );
        Assert.Contains("'process.user.uid'", wrongType.Message, StringComparison.Ordinal);
        var noForm = Assert.Throws<CtrArgumentException>(() =>
            CtrSpec.FromDictionary(new Hashtable { ["process"] = new Hashtable { ["cwd"] = new Version(1, 0) } })
        );
        Assert.Contains("'process.cwd'", noForm.Message, StringComparison.Ordinal);
        var twice = Assert.Throws<CtrArgumentException>(() =>
            CtrSpec.FromDictionary(new Hashtable { ["root"] = new Hashtable(), ["ROOT"] = new Hashtable() })
        );
        Assert.Contains("'root'", twice.Message, StringComparison.Ordinal);
        var endless = new Hashtable();
        endless["x"] = endless;
        Assert.Throws<CtrArgumentException>(() => CtrSpec.FromDictionary(endless));
    }
}
