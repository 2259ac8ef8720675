using System.Xml.Linq;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>What a user sees of the objects: a table that fits, a list with everything, and a text.</summary>
public sealed class ViewTests : IDisposable
{
    private const string Session =
        "Session = [Containerd.CtrSession]@{ Id = 3; Name = 'production'; Address = 'unix:///run/containerd/containerd.sock'; Namespace = 'k8s.io'; Version = '2.1.9' }";

    private readonly Engine _engine = new();

    /// <summary>Each type that cmdlets give: one with long values, what its table must show in whole, and its text.</summary>
    public static TheoryData<string, string[], string> Shown =>
        new()
        {
            {
                $"[Containerd.CtrContainer]@{{ ContainerId = 'a-container-22-letters'; Image = 'docker.io/library/busybox:1.36'; Networks = @(@{{ Network = 'bridge'; IPAddresses = '10.4.0.2' }}); Ports = @(@{{ HostPort = 8080; ContainerPort = 80 }}); Status = 'Stopped'; LastExit = @{{ ExitCode = 137 }}; Command = 'httpd', '-f'; {Session} }}",
                ["a-container-22-letters", "busybox:1.36", "10.4.0.2 8080:80", "Exited (137)", "httpd -f"],
                "a-container-22-letters"
            },
            {
                "[Containerd.CtrContainer]@{ ContainerId = 'web'; Image = 'registry.example.com:5000/a/team/with/a/long/name/app:1.2.3'; Status = 'Created' }",
                ["…", "/name/app:1.2.3", "Created"],
                "web"
            },
            {
                $"[Containerd.CtrTask]@{{ ContainerId = 'a-container-22-letters'; Pid = 4194304; Status = 'Running'; Namespace = 'k8s.io'; {Session} }}",
                ["a-container-22-letters", "4194304", "Running", "k8s.io"],
                "a-container-22-letters"
            },
            {
                $"[Containerd.CtrTask]@{{ ContainerId = 'a-container-22-letters'; Pid = 4194304; Status = 'Stopped'; ExitCode = 137; ExitedAt = '2026-11-22T13:04:05'; Namespace = 'default' }}",
                ["Stopped", "137", "2026", "13:04:05", "default"],
                "a-container-22-letters"
            },
            {
                "[Containerd.CtrProcess]@{ ContainerId = 'web'; ExecId = 'exec-0123456789ab'; Pid = 4194304; Status = 'Running'; Command = 'sh', '-c', 'sleep 5' }",
                ["web", "exec-0123456789ab", "4194304", "Running", "sh -c sleep 5"],
                "web/exec-0123456789ab"
            },
            {
                "[Containerd.CtrExit]@{ ContainerId = 'a-container-22-letters'; ExecId = 'exec-0123456789ab'; Pid = 4194304; ExitCode = 137; ExitedAt = '2026-11-22T13:04:05' }",
                ["a-container-22-letters", "exec-0123456789ab", "4194304", "137", "13:04:05"],
                "a-container-22-letters"
            },
            {
                "[Containerd.CtrExecResult]@{ ContainerId = 'web'; ExecId = 'exec-0123456789ab'; ExitCode = 2; Duration = '00:00:01.5'; Output = 'one', 'two' }",
                ["web", "exec-0123456789ab", "2", "1.5s", "one"],
                "web/exec-0123456789ab: exit code 2"
            },
            {
                "[Containerd.CtrImage]@{ Name = 'docker.io/library/busybox:1.36'; Digest = 'sha256:' + 'ab' * 32; Size = 2304512; Platforms = 'linux/amd64', 'linux/arm64'; CreatedAt = '2026-11-22T13:04:05' }",
                ["docker.io/library/busybox:1.36", "abababababab", "2.2MiB", "linux/amd64", "2026-11-22 13:04"],
                "docker.io/library/busybox:1.36"
            },
            {
                "[Containerd.CtrImage]@{ Name = 'registry.example.com:5000/a/team/with/a/long/name/' + 'and/more/' * 20 + 'app:1.2.3'; Digest = 'sha256:' + 'ab' * 32; Size = 2304512; Platforms = 'linux/amd64', 'linux/arm64'; CreatedAt = '2026-11-22T13:04:05' }",
                ["…", "and/more/app:1.2.3 ", "abababababab", "2.2MiB", "linux/amd64", "2026-11-22 13:04"],
                "registry.example.com:5000/a/team/with/a/long/name/" + string.Concat(Enumerable.Repeat("and/more/", 20)) + "app:1.2.3"
            },
            {
                "[Containerd.CtrLease]@{ Id = 'l' * 76; CreatedAt = '2026-11-22T13:04:05'; ExpiresAt = '2026-11-23T13:04:05' }",
                ["…lll", "2026-11-22 13:04", "2026-11-23 13:04"],
                new string('l', 76)
            },
            {
                "[Containerd.CtrIngest]@{ Reference = 'r' * 200; Offset = 1024; Total = 2048; UpdatedAt = '2026-11-22T13:04:05' }",
                ["…rrr", "1KiB", "2KiB", "2026-11-22 13:04:05"],
                new string('r', 200)
            },
            {
                "[Containerd.CtrImageTest]@{ Name = 'registry.example.com:5000/team/app:1'; IsComplete = $true; IsIntact = $false; BytesRead = 2304512; Problems = @(@{ Kind = 'Damaged'; Message = 'x' }) }",
                ["registry.example.com:5000/team/app:1", "True", "False", "2.2MiB", "1"],
                "registry.example.com:5000/team/app:1: x"
            },
            {
                "[Containerd.CtrImageLayer]@{ Digest = 'sha256:' + 'ab' * 32; DiffId = 'sha256:' + 'cd' * 32; Size = 2304512; MediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'; IsPresent = $true }",
                ["abababababab", "cdcdcdcdcdcd", "2.2MiB", "True", "tar+gzip"],
                "sha256:abababababababababababababababababababababababababababababababab"
            },
            {
                "[Containerd.CtrImageHistory]@{ CreatedAt = '2026-11-22T13:04:05'; CreatedBy = 'RUN make'; Layer = 'sha256:' + 'ab' * 32; Size = 2304512 }",
                ["2026-11-22 13:04", "2.2MiB", "abababababab", "RUN make"],
                "RUN make"
            },
            {
                "[Containerd.CtrImageProblem]@{ Kind = 'PlatformNotAvailable'; Platform = 'linux/arm64'; Message = 'It is not for it.' }",
                ["PlatformNotAvailable", "linux/arm64", "It is not for it."],
                "It is not for it."
            },
            {
                "[Containerd.CtrSnapshot]@{ Name = 'sha256:' + 'ab' * 32; Parent = 'sha256:' + 'cd' * 32; Kind = 'Committed'; Snapshotter = 'overlayfs'; Size = 2304512; CreatedAt = '2026-11-22T13:04:05' }",
                ["abababababab", "cdcdcdcdcdcd", "Committed", "2.2MiB", "overlayfs", "2026-11-22 13:04"],
                "sha256:" + string.Concat(Enumerable.Repeat("ab", 32))
            },
            {
                "[Containerd.CtrSnapshot]@{ Name = 'a-container-22-letters'; Kind = 'Active'; Snapshotter = 'devmapper'; CreatedAt = '2026-11-22T13:04:05' }",
                ["a-container-22-letters", "Active", "devmapper"],
                "a-container-22-letters"
            },
            {
                "[Containerd.CtrSnapshotMount]@{ Path = '/mnt/some/where'; Snapshot = 'a-container-22-letters'; ReadOnly = $true; Namespace = 'k8s.io'; MountedAt = '2026-11-22T13:04:05' }",
                ["/mnt/some/where", "a-container-22-letters", "True", "k8s.io", "2026-11-22 13:04"],
                "/mnt/some/where"
            },
            {
                "[Containerd.CtrContent]@{ Digest = 'sha256:' + 'ab' * 32; Size = 2304512; Kind = 'Manifest' }",
                ["abababababab", "2.2MiB", "Manifest"],
                "sha256:" + string.Concat(Enumerable.Repeat("ab", 32))
            },
            {
                "[Containerd.CtrIngest]@{ Reference = 'layer-sha256:abababababababababababab'; Offset = 2304512; Total = 5242880; UpdatedAt = '2026-11-22T13:04:05' }",
                ["layer-sha256:abababababababababababab", "2.2MiB", "5MiB", "2026-11-22 13:04:05"],
                "layer-sha256:abababababababababababab"
            },
            {
                "[Containerd.CtrLease]@{ Id = 'pwsh-0123456789abcdef0123456789abcdef'; Resources = @{ Type = 'content'; Id = 'x' }, @{ Type = 'ingests'; Id = 'y' }; CreatedAt = '2026-11-22T13:04:05'; ExpiresAt = '2026-11-23T13:04:05' }",
                ["pwsh-0123456789abcdef0123456789abcdef", " 2 ", "2026-11-22 13:04", "2026-11-23 13:04"],
                "pwsh-0123456789abcdef0123456789abcdef"
            },
            {
                "[Containerd.CtrStorageUsage]@{ Kind = 'Snapshots'; Snapshotter = 'overlayfs'; Count = 12; InUse = 7; Size = 2304512; Reclaimable = 1048576; Namespace = 'k8s.io' }",
                ["Snapshots", "overlayfs", "12", "7", "2.2MiB", "1MiB", "k8s.io"],
                "Snapshots 2.2MiB"
            },
            {
                "[Containerd.CtrNamespace]@{ Name = 'production'; Labels = @{ 'containerd.io/defaults/snapshotter' = 'native' } }",
                ["production", "containerd.io/defaults/snapshotter=native"],
                "production"
            },
            {
                "[Containerd.CtrNetwork]@{ Name = 'backend'; Driver = 'bridge'; Subnets = '10.4.1.0/24'; Interface = 'br-0123456789ab'; Labels = @{ app = 'web' } }",
                ["backend", "bridge", "10.4.1.0/24", "br-0123456789ab", "app=web"],
                "backend"
            },
            {
                "[Containerd.CtrVolume]@{ Name = 'data'; CreatedAt = '2026-11-22T13:04:05'; Containers = 'web'; Labels = @{ app = 'web' } }",
                ["data", "2026-11-22 13:04", "web", "app=web"],
                "data"
            },
            {
                "[Containerd.CtrNetworkAttachment]@{ ContainerId = 'web'; Network = 'backend'; Interface = 'eth0'; IPAddresses = '10.4.1.2'; MacAddress = '02:42:0a:04:01:02' }",
                ["web", "backend", "eth0", "10.4.1.2", "02:42:0a:04:01:02"],
                "backend 10.4.1.2"
            },
            {
                "[Containerd.CtrNetworkFinding]@{ Kind = 'PluginMissing'; Subject = 'backend'; Message = 'The plugin bridge is not installed.' }",
                ["PluginMissing", "The plugin bridge is not installed."],
                "The plugin bridge is not installed."
            },
            {
                "[Containerd.CtrFileChange]@{ ContainerId = 'web'; Kind = 'Added'; Path = '/etc/new'; Type = 'File'; Size = 2048 }",
                ["Added", "/etc/new", "File", "2"],
                "A /etc/new"
            },
            {
                "[Containerd.CtrPort]@{ ContainerId = 'web'; Protocol = 'udp'; HostAddress = '127.0.0.1'; HostPort = 8080; ContainerPort = 80 }",
                ["web", "udp", "127.0.0.1", "8080", "80"],
                "127.0.0.1:8080:80/udp"
            },
            {
                "[Containerd.CtrPlugin]@{ Type = 'io.containerd.snapshotter.v1'; Id = 'overlayfs'; State = 'Skipped'; Error = 'skip plugin'; Platforms = 'linux/amd64' }",
                ["io.containerd.snapshotter.v1", "overlayfs", "Skipped", "linux/amd64"],
                "io.containerd.snapshotter.v1.overlayfs"
            },
            {
                "[Containerd.CtrRuntime]@{ Name = 'io.containerd.runc.v2'; ShimPath = '/usr/bin/containerd-shim-runc-v2'; IsDefault = $true; Version = '2.1.9' }",
                ["io.containerd.runc.v2", "/usr/bin/containerd-shim-runc-v2", "True", "2.1.9"],
                "io.containerd.runc.v2"
            },
            {
                "[Containerd.CtrSession]@{ Id = 3; Name = 'production'; Address = 'unix:///run/containerd/containerd.sock'; Namespace = 'k8s.io'; Version = '2.1.9' }",
                ["3", "production", "Opened", "k8s.io", "2.1.9", "unix:///run/containerd/containerd.sock"],
                "production"
            },
            {
                "[Containerd.CtrVersion]@{ Version = '1.6.20~ds1'; Revision = '1.6.20~ds1-1+deb12u3'; ClientVersion = '0.1.0' }",
                ["1.6.20~ds1", "0.1.0", "1.6.20~ds1-1+deb12u3"],
                "1.6.20~ds1"
            },
            {
                "[Containerd.CtrDaemon]@{ Name = 'private-0a1b2c'; Address = 'unix:///run/containerd-powershell/daemons/private-0a1b2c/containerd.sock'; Pid = 4194304; Version = '1.6.20'; Path = '/tmp/containerd-private-0a1b2c-xyz123'; StartedAt = '2026-11-22T13:04:05' }",
                ["private-0a1b2c", "4194304", "Running", "1.6.20", "/tmp/containerd-private-0a1b2c-xyz123"],
                "private-0a1b2c"
            },
        };

    /// <summary>The types that have a table and a list.</summary>
    public static TheoryData<string> Viewed =>
        [
            "CtrContainer",
            "CtrTask",
            "CtrProcess",
            "CtrExit",
            "CtrExecResult",
            "CtrImage",
            "CtrImageHistory",
            "CtrImageLayer",
            "CtrImageTest",
            "CtrImageProblem",
            "CtrImageCleanup",
            "CtrSession",
            "CtrVersion",
            "CtrDaemon",
            "CtrSnapshot",
            "CtrSnapshotMount",
            "CtrContent",
            "CtrIngest",
            "CtrLease",
            "CtrStorageUsage",
            "CtrStorageCleanup",
            "CtrNamespace",
            "CtrNetwork",
            "CtrNetworkAttachment",
            "CtrVolume",
            "CtrNetworkFinding",
            "CtrPort",
            "CtrFileChange",
            "CtrPlugin",
            "CtrRuntime",
        ];

    public void Dispose() => _engine.Dispose();

    [Theory]
    [MemberData(nameof(Shown))]
    public void A_table_fits_a_hundred_columns_without_truncating_important_values(string made, string[] essential, string text)
    {
        ArgumentNullException.ThrowIfNull(made);
        ArgumentNullException.ThrowIfNull(essential);
        var lines = _engine.Display(made).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // Below the two of the head.
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 1, Engine.Width));
        Assert.All(essential, value => Assert.Contains(value, lines[2], StringComparison.Ordinal));
        Assert.Equal(text, _engine.Require<string>($"({made}).ToString()"));
    }

    [Theory]
    [MemberData(nameof(Viewed))]
    public void A_table_comes_first_and_a_list_shows_every_property(string type)
    {
        var views = Directory
            .GetFiles(Repository.Module, "*.Format.ps1xml")
            .SelectMany(file => XDocument.Load(file).Descendants("View"))
            .Where(view => view.Descendants("TypeName").Any(name => name.Value == $"Containerd.{type}"))
            .ToList();
        Assert.NotNull(views[0].Element("TableControl"));
        var list = Assert.Single(views, view => view.Element("ListControl") is not null);
        var listed = list.Descendants("ListItem")
            .Select(item => (item.Element("Label") ?? item.Element("PropertyName"))!.Value)
            .Order(StringComparer.Ordinal);
        var properties = typeof(CtrSession)
            .Assembly.GetType($"Containerd.{type}", throwOnError: true)!
            .GetProperties()
            .Select(property => property.Name)
            .Order(StringComparer.Ordinal);
        Assert.Equal(properties, listed);
    }

    [Theory]
    [MemberData(nameof(Shown))]
    public void Objects_from_a_job_are_shown_in_the_same_table(string made, string[] essential, string text)
    {
        ArgumentNullException.ThrowIfNull(essential);
        Assert.NotEmpty(text);
        var live = _engine.Display(made);
        var back = _engine.Display(
            $"[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize(({made}), 1))"
        );
        Assert.Equal(live, back);
    }

    [Theory]
    [MemberData(nameof(Shown))]
    public void The_text_of_an_object_is_its_name(string made, string[] essential, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Assert.NotEmpty(essential);
        // What Format-Wide shows.
        var word = _engine.Require<string>($"$o = {made}; \"$($o.($o.PSStandardMembers.DefaultDisplayProperty))\"");
        Assert.NotEmpty(word);
        Assert.True(text.Contains(word, StringComparison.Ordinal), word);
    }

    [Fact]
    public void The_components_of_the_daemon_are_shown_as_a_list_that_fits()
    {
        var shown = _engine.Display(
            "[Containerd.CtrInfo]@{ Address = 'unix:///a'; Version = '2.1.9'; Uuid = 'u'; Pid = 5; Snapshotters = 'native', 'overlayfs'; Services = 1..30 | ForEach-Object { \"service-$_\" } }"
        );
        Assert.Contains("unix:///a", shown, StringComparison.Ordinal);
        Assert.Contains("overlayfs", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, Engine.Width));
    }

    [Theory]
    [InlineData(
        "[Containerd.CtrNetworkStats]@{ Name = 'eth0'; RxBytes = 1048576; RxPackets = 12345678901; TxBytes = 2048; TxDropped = 77 }",
        "eth0 1MiB 2KiB 12345678901 0 0/0 0/77"
    )]
    [InlineData(
        "[Containerd.CtrSpecMount]@{ Destination = '/etc/resolv.conf'; Type = 'bind'; Source = '/run/systemd/resolve/stub-resolv.conf'; Options = 'rbind', 'ro' }",
        "/etc/resolv.conf bind …temd/resolve/stub-resolv.conf rbind,ro"
    )]
    public void Parts_of_objects_in_lists_have_a_table(string made, string row)
    {
        ArgumentNullException.ThrowIfNull(row);
        foreach (
            var shown in new[]
            {
                made,
                $"[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize(({made})))",
            }
        )
        {
            var lines = _engine.Display(shown).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(3, lines.Length);
            Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 1, Engine.Width));
            Assert.Equal(row.Split(' '), lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public void Counts_are_shown_if_requested()
    {
        const string Counted =
            "$o = [psobject][Containerd.CtrNamespace]@{ Name = 'production'; Counts = @{ Containers = 41; RunningTasks = 42; Images = 43; Content = 44; Snapshots = 45; Leases = 46 } }; $o.PSTypeNames.Insert(0, 'Containerd.CtrNamespace#Detailed')";
        foreach (
            var shown in new[]
            {
                "$o",
                "[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($o))",
            }
        )
        {
            var lines = _engine.Display($"{Counted}; {shown}").Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(3, lines.Length);
            Assert.Equal(["production", "41", "42", "43", "44", "45", "46"], lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public void A_spec_is_shown_in_a_readable_form()
    {
        var shown = _engine.Display(
            "[Containerd.CtrSpec]@{ OciVersion = '1.0.2'; Process = @{ Args = 'sh', '-c', 'true' }; Hostname = 'h' }"
        );
        Assert.Contains("sh -c true", shown, StringComparison.Ordinal);
        Assert.Contains("1.0.2", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, Engine.Width));
    }

    [Fact]
    public void Each_output_type_declares_its_display_properties()
    {
        var flaws = _engine
            .Require(
                """
                # A tree is drawn, and a picture of it is all that it shows.
                $types = (Get-Module Containerd).ExportedCmdlets.Values.OutputType.Type | Where-Object { $_.Namespace -eq 'Containerd' -and -not $_.IsEnum -and $_.Name -ne 'CtrTree' }
                foreach ($type in [System.Linq.Enumerable]::Distinct([type[]]$types)) {
                    $object = [psobject]$type::new()
                    $standard = $object.PSStandardMembers
                    foreach ($set in 'DefaultDisplayPropertySet', 'DefaultKeyPropertySet') {
                        $names = $standard.$set.ReferencedPropertyNames
                        if (-not $names) { "$($type.Name) has no $set" }
                        foreach ($name in $names) { if (-not $object.PSObject.Properties[$name]) { "$($type.Name).$set names $name" } }
                    }
                    if (-not $object.PSObject.Properties[[string]$standard.DefaultDisplayProperty]) { "$($type.Name) has no one word" }
                }
                """
            )
            .Select(flaw => flaw.ToString());
        Assert.Empty(flaws);
    }

    [Fact]
    public void An_error_shows_the_cause_and_the_remedy()
    {
        var shown = _engine.Display("Connect-CtrSession /no/such.sock");
        Assert.Contains("There is no daemon socket at /no/such.sock.", shown, StringComparison.Ordinal);
        Assert.Contains("Start-CtrDaemon", shown, StringComparison.Ordinal);
    }
}
