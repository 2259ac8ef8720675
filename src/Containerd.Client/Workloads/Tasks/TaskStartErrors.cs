using Containerd.Client.Records;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>The errors for a created task that did not start.</summary>
internal static class TaskStartErrors
{
    /// <summary>
    /// The error for a created task that did not start. The runtime reports the same for one that was started before and for one whose
    /// process died before its start: the first runs, or was started by another client.
    /// </summary>
    /// <param name="error">The failure.</param>
    /// <param name="process">The process.</param>
    /// <param name="container">The container.</param>
    /// <param name="isOurs">Whether the caller created the task a moment ago, so that no other client has started it.</param>
    internal static async Task<CtrException> ExplainAsync(CtrException error, ContainerProcess process, CtrContainer container, bool isOurs)
    {
        var explained = RuntimeErrors.Explain(error, container);
        var tried = error.Message.Contains("OCI runtime start failed", StringComparison.Ordinal);
        if (!RuntimeErrors.IsAlreadyStarted(error))
            return explained;
        try
        {
            // The shim may detect the exit later than the runtime.
            var now = await process.GetAsync(CancellationToken.None).ConfigureAwait(false);
            if (now.Status is not (WireTypes.Status.Stopped or WireTypes.Status.Created))
                return explained;
            // What remains is a task of another client's that the shim knows to have ended: one that was started has a code of its
            // program's own.
            return !isOurs && !tried && now.ExitStatus <= 128
                ? explained
                : ProcessErrors.DiedBeforeStart(now, container.ContainerId, error);
        }
        catch (CtrException)
        {
            return explained;
        }
    }
}
