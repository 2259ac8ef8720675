using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>The verb network-repair as a program: a request on standard input, a report on standard output.</summary>
[SupportedOSPlatform("linux")]
internal static class NetworkRepairProgram
{
    /// <summary>Runs it.</summary>
    /// <param name="input">The request.</param>
    /// <param name="daemon">The daemon's process, whose mount and network namespaces the thread enters; 0 to stay in its own.</param>
    internal static RepairReport Run(ReadOnlySpan<byte> input, int daemon)
    {
        try
        {
            var request = RepairRequest.Read(input);
            if (daemon > 0 && LibcNetworks.Enter(daemon) is not 0 and var error)
                throw NetworkStateErrors.Failed($"The namespaces of the daemon (process {daemon}) cannot be entered", error);
            return new NetworkRepair(request).Run();
        }
        catch (Exception e)
        {
            return new() { Failures = [NetworkFailure.Of(NetworkHookProgram.Translate(e))] };
        }
    }
}
