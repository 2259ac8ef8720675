using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>A test in the virtual machine, with a container id of its own; its containers are removed afterwards.</summary>
[Collection(VmFixture.Name)]
public abstract class VmTest(VmFixture fixture) : IAsyncLifetime
{
    private readonly HashSet<Engine> _used = [];

    protected const string Busybox = TestImages.Busybox;

    protected VirtualMachine Machine => fixture.Machine;

    protected Engine Engine { get; private set; } = null!;

    /// <summary>The containerd namespace of the session.</summary>
    protected string Namespace { get; private set; } = "";

    /// <summary>The test's container.</summary>
    protected string Id { get; } = "c" + Guid.NewGuid().ToString("N")[..8];

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(fixture.Obstacle is not null, fixture.Obstacle ?? "");
        await UseAsync("bookworm");
    }

    public ValueTask DisposeAsync()
    {
        foreach (var engine in _used)
            engine.Invoke($"Get-CtrContainer {Id}* | Remove-CtrContainer -Force");
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Continues with the session of another daemon.</summary>
    protected async Task UseAsync(string suite)
    {
        Engine = await fixture.OpenAsync(suite);
        Namespace = VmFixture.Namespace(suite);
        _used.Add(Engine);
    }

    /// <summary>Creates and starts the test's container.</summary>
    protected CtrTask Start(string options = "", string command = "sleep 1000", string? id = null) =>
        Engine.Require<CtrTask>($"New-CtrContainer {id ?? Id} -Image {Busybox} {options} -- {command} | Start-CtrTask -NoLog");

    /// <summary>The path of a process's cgroup, as the kernel of the machine has it.</summary>
    protected async Task<string> CgroupAsync(CtrTask task)
    {
        var text = (await Machine.RunScriptAsync($"cat /proc/{task.Pid}/cgroup")).Trim();
        Assert.StartsWith("0::/", text, StringComparison.Ordinal);
        return text["0::".Length..];
    }

    /// <summary>Reads files of a process's cgroup, by name; lines are separated by semicolons.</summary>
    protected async Task<IReadOnlyDictionary<string, string>> FilesAsync(CtrTask task, params string[] names)
    {
        var output = await Machine.RunScriptAsync(
            $"cd /sys/fs/cgroup$(cut -d: -f3 /proc/{task.Pid}/cgroup) && for f in {string.Join(' ', names)}; do echo \"$f=$(paste -sd ';' $f)\"; done"
        );
        return output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
    }

    protected CtrContainer Container(string? id = null) => Engine.Require<CtrContainer>($"Get-CtrContainer {id ?? Id}");
}
