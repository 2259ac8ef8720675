using System.Diagnostics;
using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>A stream between a process and a file does not pass through memory as a whole.</summary>
[Collection(Alone.Name)]
public sealed class ProcessFileMemoryTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const long Stream = 1L << 30;
    private const long Growth = 64L << 20;

    // Each read and write allocates a little, and a pipe may give as little as a page at a time.
    private const long Allocations = Stream / 4;

    protected override async Task PrepareAsync() => await StartAsync();

    [Fact]
    public void The_memory_does_not_grow_with_the_stream()
    {
        var file = Path.Combine(Folder, "in");
        using (var sparse = File.Create(file))
            sparse.SetLength(Stream);
        void Write() => Engine.Require($"Invoke-CtrExec {Id} -OutFile /dev/null -- dd if=/dev/zero bs=64k count={Stream / 65536}");
        string Read() => Engine.Require($"Invoke-CtrExec {Id} -InFile '{file}' -- wc -c").Single().ToString();
        Engine.Require($"Invoke-CtrExec {Id} -InFile /dev/null -OutFile /dev/null -- cat");
        var (allocated, used) = Measure();

        Write();
        Assert.Equal($"{Stream}", Read());

        var (allocatedAfter, usedAfter) = Measure();
        Assert.True(allocatedAfter - allocated < Allocations, $"{(allocatedAfter - allocated) >> 20} MB allocated");
        Assert.True(usedAfter - used < Growth, $"{(usedAfter - used) >> 20} MB more used");
    }

    /// <summary>The bytes that the process has allocated since its start, and its memory now.</summary>
    private static (long Allocated, long Used) Measure()
    {
        using var process = Process.GetCurrentProcess();
        return (GC.GetTotalAllocatedBytes(precise: true), process.WorkingSet64);
    }
}
