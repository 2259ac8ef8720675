using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;

namespace Containerd.Client.Workloads.Networks;

/// <summary>The CNI plugins of this machine.</summary>
internal static class NetworkPlugins
{
    /// <summary>The names of the programs in the folders of the plugins.</summary>
    internal static string[] Find()
    {
        try
        {
            return
            [
                .. NetworkFolders
                    .OfMachine("", "")
                    .Plugins.Where(Directory.Exists)
                    .SelectMany(Directory.EnumerateFiles)
                    .Where(HostProgram.IsExecutable)
                    .Select(file => Path.GetFileName(file))
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
