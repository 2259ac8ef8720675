using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// The verbs of the helper program that a client runs, as programs: a request on standard input, a report on standard output. Each works
/// in the mount and network namespaces of the daemon's process, which the thread enters; with process 0, it stays in its own.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class NetworkPrograms
{
    /// <summary>The verb network-change.</summary>
    internal static ChangeReport Change(byte[] input, int daemon) =>
        Run(
            () => ChangeRequest.Read(input),
            daemon,
            request => new AttachmentChange(request).Run() is { } record ? new() { IsAttached = true, Networks = record.Networks } : new(),
            failure => new ChangeReport { Failure = failure }
        );

    /// <summary>The verb network-repair.</summary>
    internal static RepairReport Repair(byte[] input, int daemon) =>
        Run(
            () => RepairRequest.Read(input),
            daemon,
            request => new NetworkRepair(request).Run(),
            failure => new RepairReport { Failures = [failure] }
        );

    /// <summary>The verb network-sweep.</summary>
    internal static SweepReport Sweep(byte[] input, int daemon) =>
        Run(
            () => SweepRequest.Read(input),
            daemon,
            request => new NetworkSweep(request).Run(),
            failure => new SweepReport { Failures = [failure] }
        );

    private static TReport Run<TRequest, TReport>(
        Func<TRequest> read,
        int daemon,
        Func<TRequest, TReport> run,
        Func<NetworkFailure, TReport> failed
    )
    {
        try
        {
            var request = read();
            if (daemon > 0 && LibcNetworks.Enter(daemon) is not 0 and var error)
                throw NetworkStateErrors.Failed($"The namespaces of the daemon (process {daemon}) cannot be entered", error);
            return run(request);
        }
        catch (Exception e)
        {
            return failed(NetworkFailure.Of(NetworkHookProgram.Translate(e)));
        }
    }
}
