using System.Management.Automation;
using Containerd.Client;
using Containerd.Client.Wire.Tasks;
using Containerd.Testing;

namespace Containerd.Bench;

/// <summary>
/// One task, asked for again and again: the bare RPC, the client, the cmdlet in a running engine, and containerd's own command line client.
/// </summary>
internal static class WarmCalls
{
    internal static async Task MeasureAsync(PrivateDaemon daemon, Engine engine, int rounds)
    {
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = daemon.Address, Namespace = daemon.Namespace }
        );
        var stub = new Tasks.TasksClient(client.In().Scope.Calls());
        using var shell = PowerShell.Create(engine.Runspace);
        shell.AddCommand("Get-CtrTask").AddParameter("Id", "bench");

        var rpc = new Samples("bare RPC (Tasks.Get)");
        var library = new Samples("client library (TaskService.GetAsync)");
        var cmdlet = new Samples("Get-CtrTask bench");
        var ctr = new Samples("ctr task ls (a process each time)");
        Func<Task> bare = async () => await stub.GetAsync(new() { ContainerId = "bench" });
        Func<Task> call = () => client.In().Tasks.GetAsync("bench");
        Func<Task> pipeline = () =>
        {
            if (shell.Invoke().Count != 1)
                throw new InvalidOperationException("Get-CtrTask gave no task.");
            return Task.CompletedTask;
        };

        // Tiered compilation needs its share of calls before it has compiled them for good.
        for (var i = 0; i < 100; i++)
        {
            await bare();
            await call();
            await pipeline();
        }

        await Task.Delay(500);
        for (var i = 0; i < rounds; i++)
        {
            await rpc.AddAsync(bare);
            await library.AddAsync(call);
            await cmdlet.AddAsync(pipeline);
            if (i % 10 == 0)
                await ctr.AddAsync(() => daemon.CtrAsync("task", "ls"));
        }

        Samples.Print($"Warm: one task, {rounds} rounds", rpc, library, cmdlet, ctr);
    }
}
