using System.Diagnostics;
using System.Globalization;
using Containerd.Client;
using Containerd.Host;
using Containerd.Testing;

namespace Containerd.Bench;

/// <summary>How many bytes a second go through each way, and how much memory this process has at most meanwhile.</summary>
internal static class Streams
{
    private const int Megabytes = 256;
    private const string Zeros = "head -c 268435456 /dev/zero";

    internal static async Task MeasureAsync(PrivateDaemon daemon)
    {
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = daemon.Address, Namespace = daemon.Namespace }
        );
        var ns = client.In();
        Console.WriteLine();
        Console.WriteLine($"{Megabytes} MB through each way");
        await ReportAsync("exec, standard output", () => ExecAsync(ns, Zeros, null));
        await ReportAsync("exec, standard input", () => ExecAsync(ns, "cat > /dev/null", Input()));
        await ReportAsync("a plain log, followed, as lines of 76", () => LogAsync(ns, CtrLogFormat.Plain));
        await ReportAsync("a timestamped log, followed, as lines of 76", () => LogAsync(ns, CtrLogFormat.Timestamped));
    }

    private static async Task ReportAsync(string name, Func<Task> work)
    {
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        var before = self.WorkingSet64;
        var most = before;
        using var watching = new Timer(
            _ =>
            {
                self.Refresh();
                most = Math.Max(most, self.WorkingSet64);
            },
            null,
            0,
            20
        );
        var clock = Stopwatch.StartNew();
        await work();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"  {name, -44}{Megabytes / clock.Elapsed.TotalSeconds, 7:0} MB/s{(most - before) / 1048576.0, 9:0} MB more memory"
            )
        );
    }

    private static Task<ProcessOutcome> ExecAsync(NamespaceClient ns, string script, IAsyncEnumerable<ReadOnlyMemory<byte>>? input) =>
        ns.Execs.RunAsync(
            "bench",
            new ExecStartOptions { Options = new ExecOptions { Command = ["sh", "-c", script] } },
            new ProcessIo { Stdin = input }
        );

    private static async Task LogAsync(NamespaceClient ns, CtrLogFormat format)
    {
        const string Id = "bench-log";
        await ns.Containers.CreateAsync(
            new ContainerCreateOptions
            {
                Id = Id,
                Image = "busybox:test",
                Options = new SpecOptions
                {
                    Command =
                    [
                        "sh",
                        "-c",
                        "yes 'a line of seventy-six characters, as base64 writes them, again and again.....' | head -c 268435456",
                    ],
                },
            }
        );
        try
        {
            await ns.Tasks.StartAsync(Id, new TaskStartOptions { LogFormat = format });
            await ns.Logs.ReadAsync(Id, new LogReadOptions { Follow = true }, static (_, _) => ValueTask.CompletedTask);
        }
        finally
        {
            await ns.Containers.RemoveAsync(Id, force: true);
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Input()
    {
        var chunk = new byte[1024 * 1024];
        for (var i = 0; i < Megabytes; i++)
        {
            yield return chunk;
            await Task.CompletedTask;
        }
    }
}
