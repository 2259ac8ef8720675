using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Helpers;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>Runs the verbs of the helper program that put rules and addresses in order, in the namespaces of the daemon.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HelperRules(RecordScope ns, NetworkHost host)
{
    /// <summary>Removes what containers that no longer run left behind.</summary>
    /// <exception cref="CtrRuntimeException">The program failed (NetworkSweepFailed).</exception>
    internal Task<SweepReport> SweepAsync(SweepRequest request, CancellationToken cancellationToken) =>
        RunAsync(
            HelperContract.NetworkSweepVerb,
            request.Write(),
            output => SweepReport.Read(output),
            (ErrorIds.NetworkSweepFailed, "remove what stopped containers left behind"),
            cancellationToken
        );

    /// <summary>Adds the missing rules of containers that run.</summary>
    /// <exception cref="CtrRuntimeException">The program failed (NetworkRepairFailed).</exception>
    internal Task<RepairReport> RepairAsync(RepairRequest request, CancellationToken cancellationToken) =>
        RunAsync(
            HelperContract.NetworkRepairVerb,
            request.Write(),
            output => RepairReport.Read(output),
            (ErrorIds.NetworkRepairFailed, "add the missing rules of containers"),
            cancellationToken
        );

    private Task<T> RunAsync<T>(
        string verb,
        byte[] input,
        Func<byte[], T?> read,
        (string ErrorId, string Task) failure,
        CancellationToken cancellationToken
    )
        where T : class
    {
        return HelperVerb.RunAsync(ns, host, verb, input, read, Failed, cancellationToken);

        CtrException Failed(string program, string why, Exception? cause) =>
            new CtrRuntimeException($"The helper program '{program}' could not {failure.Task}: {why}.", cause)
            {
                ErrorId = failure.ErrorId,
                Subject = program,
                Remedy = "Try again; the helper program can be run only by root.",
            };
    }
}
