using Containerd.Client.Specs;
using Containerd.Client.Workloads.Stats;
using Containerd.Host;

namespace Containerd.Client.Tests.Specs;

public sealed class SpecBuilderTests
{
    private static readonly HostFacts V1 = new() { CgroupVersion = CgroupVersion.V1 };
    private static readonly HostFacts V2 = new()
    {
        CgroupVersion = CgroupVersion.V2,
        HostName = "host",
        FileExists = path => path == "/etc/hosts",
    };
    private static readonly ImageConfig Image = new()
    {
        Entrypoint = ["/entry", "-e"],
        Cmd = ["cmd"],
        Env = ["PATH=/image", "A=image", "B=image"],
        WorkingDir = "/app",
    };

    [Fact]
    public void The_default_spec_is_ctr_s()
    {
        var spec = Build(new SpecOptions { Command = ["sh"] });
        Assert.Equal("1.0.2", spec.OciVersion);
        Assert.Equal(["sh"], spec.Process!.Args!);
        Assert.Equal("/", spec.Process.Cwd);
        Assert.True(spec.Process.NoNewPrivileges);
        Assert.False(spec.Process.Terminal);
        Assert.Null(spec.Process.ApparmorProfile);
        Assert.Equal("RLIMIT_NOFILE=1024:1024", Assert.Single(spec.Process.Rlimits!).ToString());
        Assert.Equal(14, spec.Process.Capabilities!.Bounding!.Length);
        Assert.Null(spec.Process.Capabilities.Inheritable);
        Assert.Null(spec.Process.Capabilities.Ambient);
        Assert.Equal("rootfs", spec.Root!.Path);
        Assert.Equal("web", spec.Hostname);
        Assert.Equal("/default/web", spec.Linux!.CgroupsPath);
        Assert.Equal(["ipc", "mount", "network", "pid", "uts"], spec.Linux.Namespaces!.Select(n => n.Type).Order());
        Assert.Equal(["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/run"], spec.Mounts!.Select(m => m.Destination));
        Assert.False(spec.Linux.Resources!.Devices![0].Allow);
        Assert.Equal(10, spec.Linux.Resources.Devices.Length);
        Assert.Contains("/proc/kcore", spec.Linux.MaskedPaths!);
        Assert.Contains("/proc/sys", spec.Linux.ReadonlyPaths!);
        Assert.Equal("SCMP_ACT_ERRNO", spec.Linux.Seccomp!.DefaultAction);
        Assert.NotNull(spec.Linux.Resources.Memory);
        Assert.Null(spec.Linux.Resources.Pids);
        Assert.Equal(spec.ToJson(), CtrSpec.Parse(spec.ToJson()).ToJson());
    }

    [Fact]
    public void A_v2_host_gives_a_cgroup_namespace_and_its_mount()
    {
        var spec = Build(new SpecOptions { Command = ["sh"] }, host: V2);
        Assert.Contains("cgroup", spec.Linux!.Namespaces!.Select(n => n.Type));
        Assert.Contains("ro", spec.Mounts!.Single(m => m.Destination == "/sys/fs/cgroup").Options!);
        Assert.Contains(
            "rw",
            Build(new SpecOptions { Command = ["sh"], Privileged = true }, host: V2).Mounts!.Single(m => m.Type == "cgroup").Options!
        );
        Assert.DoesNotContain(
            "cgroup",
            Build(new SpecOptions { Command = ["sh"] }, host: new HostFacts()).Linux!.Namespaces!.Select(n => n.Type)
        );
    }

    [Theory]
    [InlineData(null, null, "/entry -e cmd")]
    [InlineData(null, "a b", "/entry -e a b")]
    [InlineData("/other", null, "/other")]
    [InlineData("/other", "a b", "/other a b")]
    [InlineData("", "a b", "a b")]
    public void Entrypoint_and_command_combine_as_in_Docker(string? entrypoint, string? command, string expected)
    {
        var spec = Build(new SpecOptions { Entrypoint = entrypoint?.Split('|'), Command = command?.Split(' ') }, Image);
        Assert.Equal(expected, string.Join(' ', spec.Process!.Args!));
    }

    [Fact]
    public void No_command_anywhere_is_an_error()
    {
        Assert.Equal(ErrorIds.NoCommand, Refused(new SpecOptions()));
        Assert.Equal(ErrorIds.NoCommand, Refused(new SpecOptions { Entrypoint = [] }, Image));
        // Images of several builders have one empty word for no entrypoint, and Docker runs their command.
        Assert.Equal(["cmd"], Build(new SpecOptions(), new ImageConfig { Entrypoint = [""], Cmd = ["cmd"] }).Process!.Args!);
        Assert.Equal(
            ["mine", "x"],
            Build(new SpecOptions { Command = ["mine", "x"] }, new ImageConfig { Entrypoint = [""], Cmd = ["cmd"] }).Process!.Args!
        );
        Assert.Equal(ErrorIds.NoCommand, Refused(new SpecOptions(), new ImageConfig { Entrypoint = [""] }));
        Assert.Equal(ErrorIds.NoCommand, Refused(new SpecOptions(), new ImageConfig { Entrypoint = ["", "x"], Cmd = ["cmd"] }));
        Assert.Equal(ErrorIds.NoCommand, Refused(new SpecOptions(), new ImageConfig { Cmd = [""] }));
        Assert.Equal(ErrorIds.NoCommand, Refused(new SpecOptions { Command = ["", "x"] }));
        Assert.Equal(ErrorIds.NoCommand, Refused(new SpecOptions(), new ImageConfig()));
        Assert.Equal(ErrorIds.InvalidText, Refused(new SpecOptions { Command = ["a\0b"] }));
    }

    [Fact]
    public void The_environment_merges_by_name()
    {
        var spec = Build(new SpecOptions { Env = ["A=user", "B", "NEW=x=y", "EMPTY="], Tty = true }, Image);
        Assert.Equal(["PATH=/image", "HOSTNAME=web", "TERM=xterm", "A=user", "NEW=x=y", "EMPTY="], spec.Process!.Env!);
        Assert.StartsWith("PATH=/usr/local/sbin:", Build(new SpecOptions { Command = ["sh"] }).Process!.Env![0], StringComparison.Ordinal);
        Assert.Equal(ErrorIds.InvalidEnvironment, Refused(new SpecOptions { Command = ["sh"], Env = ["=x"] }));
        // What an image brings is not the caller's mistake.
        var nameless = Build(new SpecOptions { Command = ["sh"], Env = ["B=2"] }, new ImageConfig { Env = [@"=C:=C:\", "", "A=1", "="] });
        Assert.Equal(["A=1", "B=2"], nameless.Process!.Env!.TakeLast(2));
        Assert.DoesNotContain(nameless.Process.Env!, e => e.StartsWith('=') || e.Length == 0);
        nameless.Process.Env = [@"=C:=C:\", "A=1"];
        Assert.Equal(["A=1", "C=3"], SpecBuilder.ExecProcess(nameless, new ExecOptions { Command = ["ps"], Env = ["C=3"] }, V1, null).Env!);
    }

    [Theory]
    [InlineData(null, "/app", "/app")]
    [InlineData("/mine", "/app", "/mine")]
    [InlineData(null, "app", "/app")]
    [InlineData(null, "", "/")]
    public void The_working_directory_is_the_caller_s_or_the_image_s(string? wanted, string image, string expected) =>
        Assert.Equal(
            expected,
            Build(new SpecOptions { Command = ["sh"], Cwd = wanted }, new ImageConfig { WorkingDir = image }).Process!.Cwd
        );

    [Fact]
    public void A_relative_working_directory_is_refused() =>
        Assert.Equal(ErrorIds.InvalidWorkingDirectory, Refused(new SpecOptions { Command = ["sh"], Cwd = "app" }));

    [Fact]
    public void Capabilities_are_added_and_dropped_as_in_Docker()
    {
        Assert.Equal(CapabilityNames.Default.Except(["CAP_CHOWN"]).Append("CAP_NET_ADMIN"), Capabilities(["net_admin"], ["Cap_Chown"]));
        Assert.Equal(["CAP_KILL"], Capabilities(["KILL"], ["all"]));
        Assert.Empty(Capabilities([], ["ALL"]));
        Assert.Equal(CapabilityNames.All.Except(["CAP_SYS_ADMIN"]), Capabilities(["ALL"], ["SYS_ADMIN"]));

        var e = Assert.Throws<CtrArgumentException>(() => Capabilities(["NET_ADMN"], []));
        Assert.Equal(ErrorIds.InvalidCapability, e.ErrorId);
        Assert.Contains("CAP_NET_ADMIN", e.Remedy, StringComparison.Ordinal);
        Assert.Throws<CtrArgumentException>(() => Capabilities([""], []));

        static string[] Capabilities(string[] add, string[] drop) =>
            Build(
                new SpecOptions
                {
                    Command = ["sh"],
                    CapAdd = add,
                    CapDrop = drop,
                }
            ).Process!.Capabilities!.Effective!;
    }

    [Fact]
    public void Privileged_removes_all_restrictions_that_the_host_can_remove()
    {
        var host = new HostFacts
        {
            Capabilities = ["CAP_CHOWN", "CAP_SYS_ADMIN"],
            FindDevices = path =>
                path == "/dev"
                    ?
                    [
                        new CtrSpecDevice
                        {
                            Path = "/dev/sda",
                            Type = "b",
                            Major = 8,
                        },
                    ]
                    : [],
        };
        var spec = Build(new SpecOptions { Command = ["sh"], Privileged = true }, host: host);
        Assert.Equal(["CAP_CHOWN", "CAP_SYS_ADMIN"], spec.Process!.Capabilities!.Bounding!);
        Assert.False(spec.Process.NoNewPrivileges);
        Assert.Null(spec.Linux!.Seccomp);
        Assert.Null(spec.Linux.MaskedPaths);
        Assert.Null(spec.Linux.ReadonlyPaths);
        Assert.Equal("/dev/sda", Assert.Single(spec.Linux.Devices!).Path);
        Assert.True(Assert.Single(spec.Linux.Resources!.Devices!).Allow);
        Assert.Contains("rw", spec.Mounts!.Single(m => m.Destination == "/sys").Options!);
        Assert.True(
            Build(
                new SpecOptions
                {
                    Command = ["sh"],
                    Privileged = true,
                    NoNewPrivileges = true,
                },
                host: host
            ).Process!.NoNewPrivileges
        );
    }

    [Fact]
    public void Limits_are_the_spec_s()
    {
        var spec = Build(
            new SpecOptions
            {
                Command = ["sh"],
                Limits = new()
                {
                    Memory = CtrSize.Parse("512m"),
                    MemorySwap = CtrSize.Parse("1g"),
                    MemoryReservation = CtrSize.Parse("256m"),
                    Cpu = 1.5m,
                    CpuShares = 512,
                    CpusetCpus = "0-1",
                    CpusetMems = "0",
                    PidsLimit = 0,
                    BlkioWeight = 300,
                },
                OomScoreAdj = 100,
                Ulimits = [CtrUlimit.Parse("nofile=5:6"), CtrUlimit.Parse("core=-1")],
                ShmSize = CtrSize.Parse("1m"),
                Sysctls = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1" },
                Annotations = new Dictionary<string, string> { ["k"] = "v" },
                ReadOnly = true,
            }
        );
        var resources = spec.Linux!.Resources!;
        Assert.Equal((512L << 20, 1L << 30, 256L << 20), (resources.Memory!.Limit, resources.Memory.Swap, resources.Memory.Reservation));
        Assert.Equal(
            (150_000, 100_000UL, 512UL, "0-1", "0"),
            (resources.Cpu!.Quota, resources.Cpu.Period, resources.Cpu.Shares, resources.Cpu.Cpus, resources.Cpu.Mems)
        );
        Assert.Equal(-1, resources.Pids!.Limit);
        Assert.Equal((ushort)300, resources.BlockIO!.Weight);
        Assert.Equal(100, spec.Process!.OomScoreAdj);
        Assert.Equal(
            ["RLIMIT_NOFILE=5:6", $"RLIMIT_CORE={ulong.MaxValue}:{ulong.MaxValue}"],
            spec.Process.Rlimits!.Select(r => r.ToString())
        );
        Assert.Contains("size=1024k", spec.Mounts!.Single(m => m.Destination == "/dev/shm").Options!);
        Assert.Equal("1", spec.Linux.Sysctl!["net.ipv4.ip_forward"]);
        Assert.Equal("v", spec.Annotations!["k"]);
        Assert.True(spec.Root!.Readonly);
    }

    [Fact]
    public void Conflicting_limits_are_rejected()
    {
        var size = CtrSize.Parse("1m");
        Assert.Equal(
            ErrorIds.InvalidLimit,
            Refused(
                new SpecOptions
                {
                    Command = ["sh"],
                    Limits = new() { MemorySwap = size },
                }
            )
        );
        Assert.Equal(
            ErrorIds.InvalidLimit,
            Refused(
                new SpecOptions
                {
                    Command = ["sh"],
                    Limits = new() { Memory = CtrSize.Parse("2m"), MemorySwap = size },
                }
            )
        );
        Assert.Equal(
            ErrorIds.InvalidLimit,
            Refused(
                new SpecOptions
                {
                    Command = ["sh"],
                    Limits = new() { Memory = size, MemoryReservation = CtrSize.Parse("2m") },
                }
            )
        );
        Assert.Equal(
            ErrorIds.InvalidLimit,
            Refused(
                new SpecOptions
                {
                    Command = ["sh"],
                    Limits = new() { Memory = new CtrSize(0) },
                }
            )
        );
        Assert.Equal(
            ErrorIds.InvalidLimit,
            Refused(
                new SpecOptions
                {
                    Command = ["sh"],
                    Limits = new() { Cpu = 0 },
                }
            )
        );
        Assert.Equal(
            ErrorIds.InvalidLimit,
            Refused(
                new SpecOptions
                {
                    Command = ["sh"],
                    Limits = new() { CpuShares = 1 },
                }
            )
        );
        Assert.Equal(
            ErrorIds.InvalidLimit,
            Refused(
                new SpecOptions
                {
                    Command = ["sh"],
                    Limits = new() { PidsLimit = -2 },
                }
            )
        );
        Assert.Equal(ErrorIds.InvalidLimit, Refused(new SpecOptions { Command = ["sh"], OomScoreAdj = 1001 }));
        Assert.Equal(
            -1,
            Build(
                new SpecOptions
                {
                    Command = ["sh"],
                    Limits = new() { Memory = size, MemorySwap = new CtrSize(-1) },
                }
            ).Linux!.Resources!.Memory!.Swap
        );
    }

    [Theory]
    [InlineData(null, "/default/web")]
    [InlineData("/a/b", "/a/b/web")]
    [InlineData("a/", "/a/web")]
    [InlineData("system.slice", "system.slice:default:web")]
    [InlineData("a.slice:prefix", "a.slice:prefix:web")]
    [InlineData("a.slice:prefix:name", "a.slice:prefix:name")]
    public void The_cgroup_s_path_has_the_form_of_its_parent(string? parent, string expected) =>
        Assert.Equal(expected, Build(new SpecOptions { Command = ["sh"], CgroupParent = parent }).Linux!.CgroupsPath);

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("a:b")]
    [InlineData("a.slice:b:c:d")]
    public void An_invalid_cgroup_parent_is_rejected(string parent) =>
        Assert.Equal(ErrorIds.InvalidCgroupParent, Refused(new SpecOptions { Command = ["sh"], CgroupParent = parent }));

    [Fact]
    public void Mounts_replace_the_default_one_at_their_target_and_parents_come_first()
    {
        var spec = Build(
            new SpecOptions
            {
                Command = ["sh"],
                Mounts =
                [
                    CtrMount.Parse("/x:/data/sub/deep"),
                    CtrMount.Parse("/y:/data:ro"),
                    CtrMount.Parse("type=tmpfs,target=/run/,option=exec"),
                    CtrMount.Parse("/z:/z:bind,rshared"),
                ],
            }
        );
        Assert.Equal(
            ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/run/", "/data", "/z", "/data/sub/deep"],
            spec.Mounts!.Select(m => m.Destination)
        );
        Assert.Equal(["rbind", "rprivate", "ro"], spec.Mounts!.Single(m => m.Destination == "/data").Options!);
        Assert.Equal(["exec", "nosuid", "nodev"], spec.Mounts!.Single(m => m.Destination == "/run/").Options!);
        Assert.Equal(["bind", "rshared"], spec.Mounts!.Single(m => m.Destination == "/z").Options!);
        Assert.Equal(ErrorIds.InvalidMount, Refused(new SpecOptions { Command = ["sh"], Mounts = [CtrMount.Parse("./a:/b")] }));
        Assert.Equal(ErrorIds.InvalidMount, Refused(new SpecOptions { Command = ["sh"], Mounts = [new CtrMount { Source = "/a" }] }));
    }

    [Fact]
    public void Host_namespaces_are_shared()
    {
        var spec = Build(
            new SpecOptions
            {
                Command = ["sh"],
                HostNetwork = true,
                HostIpc = true,
                HostPid = true,
            },
            host: V2
        );
        Assert.Equal(["uts", "mount", "cgroup"], spec.Linux!.Namespaces!.Select(n => n.Type));
        Assert.Null(spec.Hostname);
        Assert.Contains("HOSTNAME=host", spec.Process!.Env!);
        Assert.Contains("/etc/hosts", spec.Mounts!.Select(m => m.Destination));
        Assert.DoesNotContain("/etc/resolv.conf", spec.Mounts!.Select(m => m.Destination));
        Assert.Equal("bind", spec.Mounts!.Single(m => m.Destination == "/dev/shm").Type);
    }

    [Fact]
    public void Devices_get_a_node_and_a_rule()
    {
        var host = new HostFacts
        {
            FindDevices = path =>
                path switch
                {
                    "/dev/fuse" =>
                    [
                        new CtrSpecDevice
                        {
                            Path = "/dev/fuse",
                            Type = "c",
                            Major = 10,
                            Minor = 229,
                        },
                    ],
                    "/dev/snd" =>
                    [
                        new CtrSpecDevice
                        {
                            Path = "/dev/snd/a",
                            Type = "c",
                            Major = 116,
                            Minor = 1,
                        },
                        new CtrSpecDevice
                        {
                            Path = "/dev/snd/b",
                            Type = "c",
                            Major = 116,
                            Minor = 2,
                        },
                    ],
                    _ => [],
                },
        };
        var spec = Build(
            new SpecOptions { Command = ["sh"], Devices = [CtrDevice.Parse("/dev/fuse"), CtrDevice.Parse("/dev/snd/:/dev/sound:r")] },
            host: host
        );
        Assert.Equal(["/dev/fuse", "/dev/sound/a", "/dev/sound/b"], spec.Linux!.Devices!.Select(d => d.Path));
        Assert.Equal(["rwm", "r", "r"], spec.Linux.Resources!.Devices!.TakeLast(3).Select(r => r.Access));
        Assert.Equal(
            ErrorIds.DeviceNotFound,
            Assert
                .Throws<CtrNotFoundException>(() =>
                    Build(new SpecOptions { Command = ["sh"], Devices = [CtrDevice.Parse("/dev/none")] }, host: host)
                )
                .ErrorId
        );
    }

    [Fact]
    public void The_user_is_that_of_the_caller_or_of_the_image_or_root()
    {
        var users = new UserLookup(new MemoryStream("web:x:5:6::/:\n"u8.ToArray()), new MemoryStream("g:x:7:web\n"u8.ToArray()));
        Assert.Equal(
            [6u, 7],
            Build(new SpecOptions { Command = ["sh"] }, new ImageConfig { User = "web" }, users: users).Process!.User!.AdditionalGids!
        );
        Assert.Equal(
            "8:9",
            Build(new SpecOptions { Command = ["sh"], User = "8:9" }, new ImageConfig { User = "web" }, users: users)
                .Process!.User!.ToString()
        );
        Assert.Equal("0:0", Build(new SpecOptions { Command = ["sh"] }).Process!.User!.ToString());
        Assert.Throws<CtrPermissionException>(() => Build(new SpecOptions { Command = ["sh"], User = "web" }));
    }

    [Fact]
    public void Seccomp_is_the_default_one_another_or_none()
    {
        Assert.NotNull(Build(new SpecOptions { Command = ["sh"], SeccompProfile = "default" }).Linux!.Seccomp);
        Assert.NotNull(
            Build(
                new SpecOptions
                {
                    Command = ["sh"],
                    SeccompProfile = "default",
                    Privileged = true,
                }
            ).Linux!.Seccomp
        );
        Assert.Null(Build(new SpecOptions { Command = ["sh"], SeccompProfile = "Unconfined" }).Linux!.Seccomp);
        Assert.Null(Build(new SpecOptions { Command = ["sh"] }, host: new HostFacts { Seccomp = false }).Linux!.Seccomp);
        Assert.Equal(
            "SCMP_ACT_LOG",
            Build(
                new SpecOptions { Command = ["sh"], SeccompProfile = """{"defaultAction":"SCMP_ACT_LOG"}""" }
            ).Linux!.Seccomp!.DefaultAction
        );
        Assert.Equal(ErrorIds.InvalidSpec, Refused(new SpecOptions { Command = ["sh"], SeccompProfile = "{" }));
        Assert.Equal(ErrorIds.InvalidSeccompProfile, Refused(new SpecOptions { Command = ["sh"], SeccompProfile = "{}" }));
    }

    [Fact]
    public void The_process_of_an_exec_is_that_of_the_container_with_the_requested_changes()
    {
        var container = Build(
            new SpecOptions
            {
                Command = ["sh"],
                User = "8:9",
                Env = ["A=b"],
                Cwd = "/srv",
                Tty = true,
                OomScoreAdj = 5,
            }
        );
        var before = container.ToJson();
        var process = SpecBuilder.ExecProcess(container, new ExecOptions { Command = ["ps"], Env = ["A=c", "HOSTNAME"] }, V1, null);
        Assert.Equal(["ps"], process.Args!);
        Assert.False(process.Terminal);
        Assert.Equal("/srv", process.Cwd);
        Assert.Equal("8:9", process.User!.ToString());
        Assert.Contains("A=c", process.Env!);
        Assert.DoesNotContain(process.Env!, e => e.StartsWith("HOSTNAME", StringComparison.Ordinal));
        Assert.True(process.NoNewPrivileges);
        Assert.Equal(container.Process!.Capabilities!.Bounding, process.Capabilities!.Bounding);

        var privileged = SpecBuilder.ExecProcess(
            container,
            new ExecOptions
            {
                Command = ["ps"],
                User = "0:0",
                Privileged = true,
                Tty = true,
                AdditionalGroups = ["4"],
            },
            V1,
            null
        );
        Assert.Equal(CapabilityNames.All, privileged.Capabilities!.Effective);
        Assert.False(privileged.NoNewPrivileges);
        Assert.True(privileged.Terminal);
        Assert.Equal([0u, 4], privileged.User!.AdditionalGids!);
        Assert.Equal(
            [9u, 4],
            SpecBuilder
                .ExecProcess(container, new ExecOptions { Command = ["ps"], AdditionalGroups = ["4"] }, V1, null)
                .User!.AdditionalGids!
        );
        Assert.Equal(before, container.ToJson());
        Assert.Equal(
            ErrorIds.NoCommand,
            Assert.Throws<CtrArgumentException>(() => SpecBuilder.ExecProcess(container, new ExecOptions(), V1, null)).ErrorId
        );
    }

    [Fact]
    public void The_default_profile_follows_capabilities_architecture_and_kernel()
    {
        Assert.False(Allows("mount", []));
        Assert.False(Allows("unshare", []));
        Assert.False(Allows("io_uring_setup", []));
        Assert.False(Allows("chroot", []));
        Assert.True(Allows("chroot", ["CAP_SYS_CHROOT"]));
        Assert.True(Allows("mount", ["CAP_SYS_ADMIN"]));
        Assert.True(Allows("read", []));
        Assert.True(Allows("arch_prctl", []));
        Assert.False(Allows("arch_prctl", [], "arm64"));
        Assert.True(Allows("set_tls", [], "arm64"));
        Assert.True(Allows("ptrace", []));
        Assert.False(Allows("ptrace", [], kernel: new Version(4, 4)));

        var plain = SeccompProfile.Default([], "amd64", null);
        Assert.Equal(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], plain.Architectures!);
        var clone = Assert.Single(plain.Syscalls!, s => s.Names.Contains("clone"));
        Assert.Equal(
            (0u, 0x7E020000UL, 0UL, "SCMP_CMP_MASKED_EQ"),
            (clone.Args![0].Index, clone.Args[0].Value, clone.Args[0].ValueTwo, clone.Args[0].Op)
        );
        Assert.Equal(38u, Assert.Single(plain.Syscalls!, s => s.Names.Contains("clone3")).ErrnoRet);
        Assert.Equal(1u, Assert.Single(SeccompProfile.Default([], "s390x", null).Syscalls!, s => s.Names.Contains("clone")).Args![0].Index);
        Assert.Null(SeccompProfile.Default([], "mips", null).Architectures);
        var socket = plain.Syscalls!.Where(s => s.Names.Contains("socket")).SelectMany(s => s.Args!).ToList();
        foreach (
            var (family, allowed) in new[]
            {
                (1UL, true),
                (2UL, true),
                (16UL, true),
                (38UL, false),
                (39UL, true),
                (40UL, false),
                (44UL, true),
            }
        )
            Assert.Equal(
                allowed,
                socket.Exists(a =>
                    a.Op switch
                    {
                        "SCMP_CMP_LT" => family < a.Value,
                        "SCMP_CMP_GT" => family > a.Value,
                        _ => family == a.Value,
                    }
                )
            );
        Assert.True(plain.Syscalls!.SelectMany(s => s.Names).Count() > 350);

        static bool Allows(string call, string[] capabilities, string architecture = "amd64", Version? kernel = null) =>
            SeccompProfile
                .Default(capabilities, architecture, kernel)
                .Syscalls!.Any(s => s.Action == "SCMP_ACT_ALLOW" && s.Args is null && s.Names.Contains(call));
    }

    private static CtrSpec Build(SpecOptions options, ImageConfig? image = null, HostFacts? host = null, IUserLookup? users = null) =>
        SpecBuilder.Build("web", "default", options, image, host ?? V1, users);

    private static string Refused(SpecOptions options, ImageConfig? image = null) =>
        Assert.Throws<CtrArgumentException>(() => Build(options, image)).ErrorId;
}
