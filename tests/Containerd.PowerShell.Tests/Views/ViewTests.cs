using System.Xml.Linq;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>What a user sees of the objects: a table that fits, a list with everything, and a text.</summary>
public sealed class ViewTests : IDisposable
{
    private const string Session = "Session = [Containerd.CtrSession]@{ Id = 3; Name = 'production'; Address = 'unix:///run/containerd/containerd.sock'; Namespace = 'k8s.io'; Version = '2.1.9' }";

    private readonly Engine _engine = new();

    /// <summary>Each type that cmdlets give: one with long values, what its table must show in whole, and its text.</summary>
    public static TheoryData<string, string[], string> Shown => new()
    {
        {
            $"[Containerd.CtrContainer]@{{ ContainerId = 'a-container-22-letters'; Image = 'docker.io/library/busybox:1.36'; Runtime = 'io.containerd.runc.v2'; CreatedAt = '2026-01-02T03:04:05'; {Session} }}",
            ["a-container-22-letters", "busybox:1.36", "io.containerd.runc.v2", "2026"],
            "a-container-22-letters"
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
            ["web", "exec-0123456789ab", "2", "00:00:01.5", "one"],
            "web/exec-0123456789ab: exit code 2"
        },
        {
            "[Containerd.CtrImage]@{ Name = 'docker.io/library/busybox:1.36'; Digest = 'sha256:' + 'ab' * 32; Size = 2304512; Platforms = 'linux/amd64', 'linux/arm64'; CreatedAt = '2026-11-22T13:04:05' }",
            ["docker.io/library/busybox:1.36", "abababababab", "2.2MiB", "linux/amd64", "2026-11-22 13:04"],
            "docker.io/library/busybox:1.36"
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
            "[Containerd.CtrDaemon]@{ Name = 'private-0a1b2c'; Address = 'unix:///run/containerd-powershell/daemons/private-0a1b2c/containerd.sock'; Pid = 4194304; Version = '1.6.20'; StartedAt = '2026-11-22T13:04:05' }",
            ["private-0a1b2c", "4194304", "Running", "1.6.20"],
            "private-0a1b2c"
        },
    };

    /// <summary>The types that have a table and a list.</summary>
    public static TheoryData<string> Viewed => ["CtrContainer", "CtrTask", "CtrProcess", "CtrExit", "CtrExecResult", "CtrImage", "CtrSession", "CtrVersion", "CtrDaemon"];

    public void Dispose() => _engine.Dispose();

    [Theory]
    [MemberData(nameof(Shown))]
    public void A_table_fits_a_hundred_columns_and_cuts_nothing_that_matters(string made, string[] essential, string text)
    {
        ArgumentNullException.ThrowIfNull(made);
        ArgumentNullException.ThrowIfNull(essential);
        var lines = _engine.Display(made).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // Below the two of the head: a private daemon's address may go on in a line of its own.
        Assert.InRange(lines.Length, 3, made.Contains("CtrDaemon", StringComparison.Ordinal) ? 4 : 3);
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 1, Engine.Width));
        Assert.All(essential, value => Assert.Contains(value, lines[2], StringComparison.Ordinal));
        Assert.Equal(text, _engine.Require<string>($"({made}).ToString()"));
    }

    [Theory]
    [MemberData(nameof(Viewed))]
    public void A_table_comes_first_and_a_list_shows_every_property(string type)
    {
        var views = Directory.GetFiles(Repository.Module, "*.Format.ps1xml").SelectMany(file => XDocument.Load(file).Descendants("View"))
            .Where(view => view.Descendants("TypeName").Any(name => name.Value == $"Containerd.{type}")).ToList();
        Assert.NotNull(views[0].Element("TableControl"));
        var list = Assert.Single(views, view => view.Element("ListControl") is not null);
        var listed = list.Descendants("ListItem").Select(item => (item.Element("Label") ?? item.Element("PropertyName"))!.Value).Order(StringComparer.Ordinal);
        var properties = typeof(CtrSession).Assembly.GetType($"Containerd.{type}", throwOnError: true)!.GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal);
        Assert.Equal(properties, listed);
    }

    [Theory]
    [MemberData(nameof(Shown))]
    public void What_came_back_from_a_job_is_shown_in_the_same_table(string made, string[] essential, string text)
    {
        ArgumentNullException.ThrowIfNull(essential);
        Assert.NotEmpty(text);
        var live = _engine.Display(made);
        var back = _engine.Display($"[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize(({made}), 1))");
        Assert.Equal(live, back);
    }

    [Fact]
    public void What_the_daemon_is_made_of_is_shown_as_a_list_that_fits()
    {
        var shown = _engine.Display("[Containerd.CtrInfo]@{ Address = 'unix:///a'; Version = '2.1.9'; Uuid = 'u'; Pid = 5; Snapshotters = 'native', 'overlayfs'; Services = 1..30 | ForEach-Object { \"service-$_\" } }");
        Assert.Contains("unix:///a", shown, StringComparison.Ordinal);
        Assert.Contains("overlayfs", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, Engine.Width));
    }

    [Fact]
    public void A_spec_is_shown_as_something_that_can_be_read()
    {
        var shown = _engine.Display("[Containerd.CtrSpec]@{ OciVersion = '1.0.2'; Process = @{ Args = 'sh', '-c', 'true' }; Hostname = 'h' }");
        Assert.Contains("sh -c true", shown, StringComparison.Ordinal);
        Assert.Contains("1.0.2", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, Engine.Width));
    }

    [Fact]
    public void An_error_shows_what_happened_and_what_to_do()
    {
        var shown = _engine.Display("Connect-CtrSession /no/such.sock");
        Assert.Contains("There is no daemon's socket at /no/such.sock.", shown, StringComparison.Ordinal);
        Assert.Contains("Start-CtrDaemon", shown, StringComparison.Ordinal);
    }
}
