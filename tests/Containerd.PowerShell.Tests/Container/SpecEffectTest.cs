using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>A test of what a parameter does in a real container.</summary>
public abstract class SpecEffectTest(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    /// <summary>Runs a shell script in a container with these options, and returns its output without the last line break.</summary>
    protected string Run(string options, string script, string image = Busybox) => RunIn(Engine, options, script, image);

    protected string RunIn(Engine engine, string options, string script, string image = Busybox)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(script);
        var id = NewId("run");
        return engine
            .Require<string>(
                $"Invoke-CtrContainer {image} -Id {id} {options} -Raw -StandardError Output -AllowExitCode (0..255) -- sh -c '{script.Replace("'", "''", StringComparison.Ordinal)}'"
            )
            .TrimEnd('\r', '\n');
    }

    /// <summary>A field of /proc/PID/status in a container with these options.</summary>
    protected string Status(string options, string field) => Run(options, $"sed -n 's/^{field}:\t//p' /proc/self/status");

    /// <summary>A file of a running container's cgroup, under the name that it has in version 1 or 2.</summary>
    protected static string? Cgroup(CtrTask task, string controller, string v1, string v2)
    {
        ArgumentNullException.ThrowIfNull(task);
        var lines = File.ReadAllLines($"/proc/{task.Pid}/cgroup").Select(line => line.Split(':', 3)).ToList();
        var own = lines.Find(line => line[1].Split(',').Contains(controller));
        var file = own is not null
            ? $"/sys/fs/cgroup/{controller}{own[2]}/{v1}"
            : $"/sys/fs/cgroup{lines.Single(line => line[1].Length == 0)[2]}/{v2}";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }
}
