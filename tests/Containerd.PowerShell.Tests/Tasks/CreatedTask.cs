using Containerd.Client;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>A task that another client made and did not start.</summary>
internal static class CreatedTask
{
    public static async Task MakeAsync(string address, string ns, string id)
    {
        using var client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = address, Namespace = ns });
        var there = client.In(ns);
        await there.Tasks.CreateAsync(id, new TaskStartOptions { NoLog = true });
    }
}
