using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Helpers;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>Runs the verb of the helper program that removes leftovers, in the namespaces of the daemon.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HelperSweep(RecordScope ns, NetworkHost host)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="CtrRuntimeException">The program failed (NetworkSweepFailed).</exception>
    internal Task<SweepReport> RunAsync(SweepRequest request, CancellationToken cancellationToken) =>
        HelperVerb.RunAsync(
            ns,
            host,
            HelperContract.NetworkSweepVerb,
            request.Write(),
            output => SweepReport.Read(output),
            Failed,
            cancellationToken
        );

    private static CtrRuntimeException Failed(string program, string why, Exception? cause) =>
        new($"The helper program '{program}' could not remove what stopped containers left behind: {why}.", cause)
        {
            ErrorId = ErrorIds.NetworkSweepFailed,
            Subject = program,
            Remedy = "Try again; the helper program can be run only by root.",
        };
}
