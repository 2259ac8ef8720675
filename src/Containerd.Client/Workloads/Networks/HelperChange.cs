using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Helpers;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>Runs the verb of the helper program that changes the networks of a container, in the namespaces of the daemon.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HelperChange(RecordScope ns, NetworkHost host)
{
    /// <summary>
    /// Gives the container the networks of a request, if it runs. It cannot be canceled: the program always finishes or undoes its work.
    /// </summary>
    /// <exception cref="CtrException">The error of a plugin, or NetworkChangeFailed.</exception>
    internal async Task<ChangeReport> RunAsync(NetworkRequest request, string? portsFrom = null)
    {
        var report = await HelperVerb
            .RunAsync(
                ns,
                host,
                HelperContract.NetworkChangeVerb,
                new ChangeRequest { Request = request, PortsFrom = portsFrom }.Write(),
                output => ChangeReport.Read(output),
                (program, why, cause) => Failed(request.Container, program, why, cause),
                CancellationToken.None
            )
            .ConfigureAwait(false);
        return report.Failure is { } failure ? throw failure.ToException(null) : report;
    }

    private static CtrRuntimeException Failed(string container, string program, string why, Exception? cause) =>
        new($"The helper program '{program}' could not change the networks of container '{container}': {why}.", cause)
        {
            ErrorId = ErrorIds.NetworkChangeFailed,
            Subject = container,
            Remedy = "Try again; the helper program can be run only by root.",
        };
}
