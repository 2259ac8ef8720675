using Containerd.Client.Records;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Workloads.Streams;

/// <summary>Sets the size of a process's terminal.</summary>
internal static class TerminalSize
{
    /// <summary>Sets it at once, or for an exec that has not started when it is started through this client.</summary>
    /// <exception cref="CtrArgumentException">The process has no terminal (NoTerminal).</exception>
    /// <exception cref="CtrConflictException">The process has exited (TaskNotRunning, ExecNotRunning).</exception>
    internal static async Task SetAsync(RecordScope ns, ContainerProcess process, CtrSpecBox size, CancellationToken cancellationToken)
    {
        var state = await process.GetExistingAsync(cancellationToken).ConfigureAwait(false);
        var isCreatedExec = process is ExecProcess && state.Status == WireTypes.Status.Created;
        if (!isCreatedExec)
            process.RequireLive(state);
        if (!state.Terminal)
            throw ProcessErrors.NoTerminal(process);
        // The shim has no terminal for such an exec yet, and would forget the size without an error.
        if (isCreatedExec)
            ns.State.TerminalSizes[process.Name] = size;
        else
            await process.ResizeAsync(size, cancellationToken).ConfigureAwait(false);
    }
}
