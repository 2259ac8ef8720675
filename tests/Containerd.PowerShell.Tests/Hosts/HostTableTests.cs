using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>The table of the hosts in README.md.</summary>
public sealed class HostTableTests
{
    [Fact]
    public void Each_containerd_and_host_is_one_row_with_its_runtimes()
    {
        var table = HostTable.Rows([
            ("2.1", "cgroup v2", "over SSH", "runc"),
            ("1.10", "cgroup v1", "on the host", "runc"),
            ("2.1", "cgroup v2", "over SSH", "crun"),
        ]);
        Assert.Equal(
            "| containerd | Runtimes | Host | Session |\n|---|---|---|---|\n"
                + "| 1.10 | runc | cgroup v1 | on the host |\n| 2.1 | crun, runc | cgroup v2 | over SSH |\n",
            table
        );
    }

    [Fact]
    public void The_readme_has_a_place_for_the_table_and_nothing_else_changes()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var now = HostTable.Replace(text, "| table |\n");
        Assert.Contains("\n| table |\n", now, StringComparison.Ordinal);
        var lines = text.Split('\n');
        Assert.All(lines.Except(now.Split('\n')), line => Assert.StartsWith("|", line, StringComparison.Ordinal));
        Assert.Contains("| containerd | Runtimes | Host | Session |", lines);
    }
}
