namespace Containerd.PowerShell.Tests.Views;

/// <summary>Objects with realistic, long values for each view: the script that creates them, by type.</summary>
internal static class ViewSamples
{
    private const string Time = "'2026-11-22T13:04:05.678'";
    private const string Digest = "('sha256:' + '0123456789abcdef' * 4)";
    private const string Parent = "('sha256:' + 'fedcba9876543210' * 4)";

    public static IReadOnlyDictionary<string, string> Scripts { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CtrCheckpoint"] =
                $"@{{ ContainerId = 'payment-service-production'; Path = '/var/backups/containers/payment-service/2026-11-22'; CreatedAt = {Time}; Size = 1073741824; Image = 'docker.io/library/busybox:1.36' }}",
            ["CtrContainer"] =
                $"@{{ ContainerId = '08ccf5ee69a5'; Name = 'web'; Status = 'Created'; Image = 'docker.io/library/busybox:1.36'; Command = 'httpd', '-f'; Runtime = 'io.containerd.runc.v2'; CreatedAt = {Time}; Networks = @(@{{ Network = 'bridge'; IPAddresses = '10.4.0.2' }}); Ports = @(@{{ HostPort = 8080; ContainerPort = 80 }}) }}, @{{ ContainerId = 'payment-service-production'; Image = 'registry.example.com:5000/payments/service:2026.11.22-4'; Status = 'Stopped'; LastExit = @{{ ExitCode = 137 }}; Command = '/usr/bin/payments', '--listen', '0.0.0.0:8080'; Runtime = 'io.containerd.runc.v2'; CreatedAt = {Time} }}",
            ["CtrContainer#Detailed"] =
                $"@{{ ContainerId = '08ccf5ee69a5'; Name = 'web'; Status = 'Running'; Image = 'docker.io/library/busybox:1.36'; Command = 'httpd', '-f'; Runtime = 'io.containerd.runc.v2'; CreatedAt = {Time}; StartedAt = {Time}; Networks = @(@{{ Network = 'bridge'; IPAddresses = '10.4.0.2' }}); Ports = @(@{{ HostPort = 8080; ContainerPort = 80 }}); Details = @{{ Pid = 4321; ImageDigest = {Digest}; User = '0:0'; WorkingDirectory = '/'; Environment = @{{ PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }}; MemoryLimit = 1073741824; Cpu = 1.5; Mounts = @(@{{ Type = 'volume'; Name = 'data'; Destination = '/var/lib/data' }}); Capabilities = 'CAP_CHOWN', 'CAP_KILL'; LogPath = '/var/lib/containerd-powershell/01234567-89ab-cdef-0123-456789abcdef/default/web~8de0/1.stdout' }} }}",
            ["CtrContent"] =
                $"@{{ Digest = {Digest}; Size = 2304512; Kind = 'Manifest'; CreatedAt = {Time}; Labels = @{{ 'containerd.io/gc.ref.content.config' = {Parent} }} }}, @{{ Digest = {Parent}; Size = 1073741824; Kind = 'Layer'; CreatedAt = {Time} }}",
            ["CtrCopiedItem"] =
                "@{ Source = 'payment-service-production:/var/lib/postgresql/data/base'; Destination = '/srv/backups/2026-11-22/payment-service/base'; Files = 12345; Size = 1073741824 }",
            ["CtrFileChange"] =
                $"@{{ ContainerId = 'web'; Kind = 'Modified'; Path = '/etc'; Type = 'Directory'; Mode = 493; ModifiedAt = {Time} }}, @{{ ContainerId = 'payment-service-production'; Kind = 'Added'; Path = '/var/lib/postgresql/data/base/16384/a-relation-of-the-database.with-a-long-name'; Type = 'SymbolicLink'; LinkTarget = '/srv'; ModifiedAt = {Time} }}, @{{ ContainerId = 'web'; Kind = 'Deleted'; Path = '/tmp/x' }}, @{{ ContainerId = 'web'; Kind = 'Added'; Path = '/tmp/new'; Type = 'File'; Size = 1073741824; ModifiedAt = {Time} }}",
            ["CtrDaemon"] =
                $"@{{ Name = 'production'; Pid = 4194304; Version = '1.6.20~ds1'; Path = '/srv/containerd/production'; Address = 'unix:///run/containerd-powershell/daemons/production/containerd.sock'; StartedAt = {Time} }}, @{{ Name = 'integration-tests-of-payments'; State = 'Stopped'; Version = '2.2.0-rc.1+deb13u1'; Path = '/srv/builds/nightly/integration-tests/containerd'; StartedAt = {Time} }}",
            ["CtrDeprecation"] =
                $"@{{ Id = 'io.containerd.deprecation/pull-schema-1-image'; Message = 'Schema 1 images are deprecated since containerd v1.7, and removed in containerd v2.1.'; LastOccurrence = {Time} }}",
            ["CtrEvent"] =
                $"@{{ Type = 'Start'; ContainerId = 'web'; ProcessId = 'web'; Pid = 4321; Timestamp = {Time} }}, @{{ Type = 'ContainerCreate'; ContainerId = 'payment-service-production'; Timestamp = {Time} }}, @{{ Type = 'Exit'; ContainerId = 'payment-service-production'; ProcessId = 'exec-0123456789ab'; Pid = 4194304; ExitCode = 137; Timestamp = {Time} }}, @{{ Type = 'SnapshotPrepare'; Name = {Digest}; Timestamp = {Time} }}",
            ["CtrEventConnection"] =
                $"@{{ State = 'Waiting'; Since = {Time}; Message = 'The daemon at unix:///run/containerd/containerd.sock does not answer; events follow when it does.' }}, @{{ State = 'Listening'; Since = {Time} }}",
            ["CtrExecResult"] =
                "@{ ContainerId = 'payment-service-production'; ExecId = 'exec-0123456789ab'; ExitCode = 137; Duration = '00:01:02.345'; Output = 'first line of the output', 'second line' }",
            ["CtrExit"] =
                $"@{{ ContainerId = 'web'; Pid = 4321; ExitCode = 0; ExitedAt = {Time} }}, @{{ ContainerId = 'payment-service-production'; ExecId = 'exec-0123456789ab'; Pid = 4194304; ExitCode = 137; OomKilled = $true; ExitedAt = {Time} }}",
            ["CtrImage"] =
                $"@{{ Name = 'docker.io/library/busybox:1.36'; Digest = {Digest}; Size = 2304512; Platforms = 'linux/amd64'; CreatedAt = {Time} }}, @{{ Name = 'registry.example.com:5000/payments/service:2026.11.22-4'; Digest = {Parent}; Size = 1073741824; Platforms = 'linux/amd64', 'linux/arm64'; CreatedAt = {Time} }}, @{{ Name = 'docker.io/library/alpine@' + {Digest}; Digest = {Digest}; Size = 3145728; Platforms = 'linux/arm64/v8'; CreatedAt = {Time} }}",
            ["CtrImageCleanup"] =
                "@{ Removed = 'docker.io/library/busybox:1.36', 'registry.example.com:5000/payments/service:2026.11.22-4'; Blobs = 123; Snapshots = 45; Freed = 1073741824; InUse = @('docker.io/library/alpine:3') }",
            ["CtrImageHistory"] =
                $"@{{ CreatedAt = {Time}; CreatedBy = 'RUN apt-get update && apt-get install --yes --no-install-recommends curl ca-certificates'; Layer = {Digest}; Size = 2304512 }}",
            ["CtrImageLayer"] =
                $"@{{ Digest = {Digest}; DiffId = {Parent}; Size = 1073741824; MediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'; IsPresent = $true }}",
            ["CtrImageProblem"] =
                "@{ Kind = 'PlatformNotAvailable'; Platform = 'linux/arm64/v8'; Message = 'The index names a manifest for this platform that the store does not have.' }",
            ["CtrImagePush"] =
                $"@{{ Name = 'service:4'; Destination = 'registry.example.com:5000/payments/service:2026.11.22-4'; Digest = {Digest}; BytesSent = 1073741824; Platforms = 'linux/amd64', 'linux/arm64' }}",
            ["CtrImageTest"] =
                "@{ Name = 'registry.example.com:5000/payments/service:2026.11.22-4'; IsComplete = $true; IsIntact = $false; IsUnpacked = $true; BytesRead = 1073741824; Problems = @(@{ Kind = 'Damaged'; Message = 'x' }) }",
            ["CtrInfo"] =
                "@{ Address = 'unix:///run/containerd/containerd.sock'; Version = '1.6.20~ds1'; Revision = '1.6.20~ds1-1+deb12u3'; Uuid = '01234567-89ab-cdef-0123-456789abcdef'; Pid = 4194304 }",
            ["CtrIngest"] =
                $"@{{ Reference = 'layer-' + {Digest}; Offset = 2304512; Total = 1073741824; StartedAt = {Time}; UpdatedAt = {Time} }}",
            ["CtrLease"] =
                $"@{{ Id = 'pwsh-0123456789abcdef0123456789abcdef'; Resources = @{{ Type = 'content'; Id = 'x' }}, @{{ Type = 'ingests'; Id = 'y' }}; CreatedAt = {Time}; ExpiresAt = '2026-11-23T13:04:05' }}",
            ["CtrNamespace"] =
                "@{ Name = 'default' }, @{ Name = 'integration-tests-of-payments'; Labels = @{ 'containerd.io/defaults/snapshotter' = 'native' } }",
            ["CtrNamespace#Detailed"] =
                "@{ Name = 'integration-tests-of-payments'; Labels = @{ 'containerd.io/defaults/snapshotter' = 'native' }; Counts = @{ Containers = 41; RunningTasks = 42; Images = 43; Content = 1044; Snapshots = 1045; Leases = 46 } }",
            ["CtrNetwork"] =
                "@{ Name = 'bridge'; Driver = 'bridge'; Subnets = @('10.4.0.0/24'); Gateways = @('10.4.0.1'); Interface = 'br-0123456789ab'; Default = $true }, @{ Name = 'integration-tests-of-payments'; Driver = 'bridge'; Subnets = '10.4.255.0/24', 'fd12:3456:789a::/64'; Interface = 'br-ba9876543210'; Labels = @{ 'example.com/team' = 'payments' } }",
            ["CtrNetwork#Detailed"] =
                "@{ Name = 'integration-tests-of-payments'; Driver = 'bridge'; Subnets = '10.4.255.0/24', 'fd12:3456:789a::/64'; Attachments = @(@{ ContainerId = 'web'; IPAddresses = @('10.4.255.2') }, @{ ContainerId = 'payment-service-production'; IPAddresses = @('10.4.255.3') }) }",
            ["CtrNetworkAttachment"] =
                "@{ ContainerId = 'web'; Network = 'bridge'; Interface = 'eth0'; IPAddresses = @('10.4.0.2'); MacAddress = '02:42:0a:04:00:02' }, @{ ContainerId = 'payment-service-production'; Network = 'integration-tests-of-payments'; Interface = 'eth1'; IPAddresses = '10.4.255.3', 'fd12:3456:789a::3'; MacAddress = '02:42:0a:04:ff:03' }",
            ["CtrNetworkFinding"] =
                "@{ Kind = 'PluginMissing'; Subject = 'backend'; Networks = 'backend'; Message = \"The network 'backend' requires the CNI plugin 'bridge', which is not installed.\"; Remedy = 'Install the CNI plugins.' }, @{ Kind = 'ForwardingOff'; Subject = 'net.ipv4.ip_forward'; Message = 'The kernel does not forward packets.'; Remedy = 'Set net.ipv4.ip_forward to 1.' }",
            ["CtrNetworkStats"] =
                "@{ Name = 'eth0'; RxBytes = 1048576; RxPackets = 12345678901; TxBytes = 1073741824; TxPackets = 9876543210; RxErrors = 12; TxDropped = 77 }",
            ["CtrVolume"] =
                $"@{{ Name = 'db'; CreatedAt = {Time}; Containers = @('web') }}, @{{ Name = 'a' * 64; Anonymous = $true; CreatedAt = {Time}; Containers = 'payment-service-production', 'integration-tests (namespace k8s.io)'; Labels = @{{ 'example.com/team' = 'payments' }} }}",
            ["CtrVolume#Detailed"] =
                $"@{{ Name = 'integration-tests-of-payments'; CreatedAt = {Time}; Containers = 'payment-service-production', 'web'; Labels = @{{ 'example.com/team' = 'payments' }}; Size = 1073741824 }}",
            ["CtrPlugin"] =
                "@{ Type = 'io.containerd.monitor.container.v1'; Id = 'cgroups'; State = 'Loaded'; Platforms = 'linux/amd64' }, @{ Type = 'io.containerd.sandbox.controller.v1'; Id = 'a-plugin-with-a-long-name'; State = 'Skipped'; Platforms = 'linux/amd64', 'linux/386' }",
            ["CtrPort"] =
                "@{ ContainerId = 'web'; Protocol = 'tcp'; HostPort = 8080; ContainerPort = 80 }, @{ ContainerId = 'payment-service-production'; Protocol = 'udp'; HostAddress = '2001:db8:1234:5678:9abc:def0:1234:5678'; HostPort = 65535; ContainerPort = 65535 }",
            ["CtrProcess"] =
                "@{ ContainerId = 'web'; ExecId = 'exec-0123456789ab'; Pid = 4321; Status = 'Running'; Command = 'sleep', '1000' }, @{ ContainerId = 'payment-service-production'; ExecId = 'nightly-database-backup'; Pid = 4194304; Status = 'Stopped'; Command = 'pg_dump', '--host', 'db', '--format', 'custom', 'payments' }",
            ["CtrProcessInfo"] =
                $"@{{ ContainerId = 'web'; Pid = 4321; ParentPid = 4300; User = 'root'; StartTime = {Time}; CpuTime = '00:00:01.23'; Command = 'nginx:', 'master', 'process' }}, @{{ ContainerId = 'payment-service-production'; Pid = 4194304; ParentPid = 4194303; ExecId = 'exec-0123456789ab'; User = 'www-data-long'; StartTime = {Time}; CpuTime = '5.03:45:06'; Command = '/usr/lib/jvm/java-21/bin/java', '-jar', '/srv/payments/service.jar', '--port', '8080' }}, @{{ ContainerId = 'web'; Pid = 5; Name = 'kworker' }}",
            ["CtrRegistryLogin"] =
                "@{ Registry = 'registry.example.com:5000'; UserName = 'builder'; Store = '/root/.docker/config.json' }, @{ Registry = 'registry-of-the-payments-team.example.com:5000'; UserName = 'integration-tests-of-payments'; Store = '/home/integration-tests/.config/docker/config.json' }",
            ["CtrRuntime"] =
                "@{ Name = 'io.containerd.runc.v2'; ShimPath = '/usr/bin/containerd-shim-runc-v2'; IsDefault = $true; Version = '1.6.20~ds1' }, @{ Name = '/opt/kata/bin/containerd-shim-kata-v2'; ShimPath = '/opt/kata/bin/containerd-shim-kata-v2'; Version = '3.14.0-rc.1-dirty' }",
            ["CtrSession"] =
                "@{ Id = 1; Name = 'main'; Address = 'unix:///run/containerd/containerd.sock'; Namespace = 'default'; Version = '2.1.9' }, @{ Id = 12; Name = 'production-cluster'; Address = 'ssh://administrator@worker1.example.com:2222/run/containerd/containerd.sock'; Namespace = 'integration-tests'; Version = '1.6.20~ds1' }",
            ["CtrSnapshot"] =
                $"@{{ Name = {Digest}; Parent = {Parent}; Kind = 'Committed'; Snapshotter = 'overlayfs'; Size = 1073741824; CreatedAt = {Time} }}, @{{ Name = 'payment-service-production'; Parent = 'payment-service-base'; Kind = 'Active'; Snapshotter = 'fuse-overlayfs'; CreatedAt = {Time} }}",
            ["CtrSnapshotMount"] =
                $"@{{ Path = '/mnt/payment-service-production/rootfs'; Snapshot = 'payment-service-production'; ReadOnly = $true; Namespace = 'integration-tests'; MountedAt = {Time} }}, @{{ Path = '/mnt/busybox'; Image = 'docker.io/library/busybox:1.36'; Snapshot = {Digest}; Namespace = 'default'; MountedAt = {Time} }}",
            ["CtrSpecMount"] =
                "@{ Destination = '/etc/resolv.conf'; Type = 'bind'; Source = '/run/systemd/resolve/stub-resolv.conf'; Options = 'rbind', 'rprivate', 'ro' }, @{ Destination = '/sys/fs/cgroup'; Type = 'cgroup'; Source = 'cgroup'; Options = 'nosuid', 'noexec', 'nodev', 'relatime', 'ro' }",
            ["CtrStats"] =
                "@{ ContainerId = 'web'; CpuPercent = 0.04; MemoryUsed = 475136; MemoryLimit = 67108864; MemoryPercent = 0.7; Pids = 2; BlockRead = 0; BlockWrite = 0; NetworkRx = 1048576; NetworkTx = 2048 }, @{ ContainerId = 'payment-service-production'; CpuPercent = 1234.5; MemoryUsed = 1071644672; MemoryLimit = 1073741824; MemoryPercent = 99.8; Pids = 4096; BlockRead = 1071644672; BlockWrite = 999000000; NetworkRx = 1071644672; NetworkTx = 999000000 }, @{ ContainerId = 'job' }",
            ["CtrStorageCleanup"] =
                "@{ Containers = 12; Volumes = 3; Images = 45; Networks = 2; Ingests = 1; Freed = 1073741824; Namespace = 'integration-tests' }, @{ Namespace = 'default' }",
            ["CtrStorageUsage"] =
                "@{ Kind = 'Snapshots'; Snapshotter = 'fuse-overlayfs'; Count = 1234; InUse = 1000; Size = 1071644672; Reclaimable = 999000000; Namespace = 'integration-tests' }, @{ Kind = 'Content'; Count = 12; InUse = 7; Size = 2304512; Reclaimable = 0; Namespace = 'default' }",
            ["CtrTask"] =
                $"@{{ ContainerId = 'web'; Pid = 4321; Status = 'Running'; Namespace = 'default' }}, @{{ ContainerId = 'payment-service-production'; Pid = 4194304; Status = 'Stopped'; ExitCode = 137; ExitedAt = {Time}; Namespace = 'integration-tests' }}",
            ["CtrTaskConnection"] =
                "@{ ContainerId = 'payment-service-production'; Alive = $true; Pid = 4194304; Status = 'Running'; HasInput = $false; HasOutput = $true; Execs = @(@{ ExecId = 'exec-0123456789ab' }, @{ ExecId = 'nightly-database-backup' }) }",
            ["CtrTree"] =
                "@{ Kind = 'Container'; Name = 'payment-service-production'; Status = 'Running'; Detail = 'pid 4194304, started at 2026-11-22 13:04:05, of registry.example.com:5000/payments/service' }",
            ["CtrVersion"] = "@{ Version = '1.6.20~ds1'; Revision = '1.6.20~ds1-1+deb12u3'; ClientVersion = '0.13.0' }",
        };
}
