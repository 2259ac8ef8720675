using System.Diagnostics;

namespace Containerd.Testing;

/// <summary>The shims of containers: the processes between containerd and the runtime.</summary>
public static class Shim
{
    /// <summary>Kills the shim of a container, as the kernel does when memory is short.</summary>
    public static async Task KillAsync(string ns, string id)
    {
        var shim = Process.GetProcesses().Single(p => IsOf(p.Id, ns, id));
        shim.Kill();
        await shim.WaitForExitAsync();
    }

    private static bool IsOf(int pid, string ns, string id)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return words[0].Contains("containerd-shim", StringComparison.Ordinal)
                && words.Contains(ns)
                && words.SkipWhile(w => w != "-id").ElementAtOrDefault(1) == id;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
