using System.Globalization;

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>Who started whom on this machine.</summary>
internal static class ProcessTree
{
    /// <summary>A process's parent; of a container's first process, its shim.</summary>
    public static int ParentOf(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
