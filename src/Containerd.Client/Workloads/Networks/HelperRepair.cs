using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Helpers;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>Runs the verb of the helper program that adds missing rules, in the namespaces of the daemon.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HelperRepair(RecordScope ns, NetworkHost host)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="CtrRuntimeException">The program failed (NetworkRepairFailed).</exception>
    internal Task<RepairReport> RunAsync(RepairRequest request, CancellationToken cancellationToken) =>
        HelperVerb.RunAsync(
            ns,
            host,
            HelperContract.NetworkRepairVerb,
            request.Write(),
            output => RepairReport.Read(output),
            Failed,
            cancellationToken
        );

    private static CtrRuntimeException Failed(string program, string why, Exception? cause) =>
        new($"The helper program '{program}' could not add the missing rules of containers: {why}.", cause)
        {
            ErrorId = ErrorIds.NetworkRepairFailed,
            Subject = program,
            Remedy = "Try again; the helper program can be run only by root.",
        };
}
