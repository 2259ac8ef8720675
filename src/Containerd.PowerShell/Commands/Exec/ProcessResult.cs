using Containerd.Host;
using Containerd.Host.Streams;

namespace Containerd.PowerShell;

/// <summary>The result of running a process.</summary>
/// <param name="Outcome">Its outcome; null if it did not start.</param>
/// <param name="Failure">The error if it did not start or was abandoned; null if it exited.</param>
/// <param name="Target">The container, its namespace and session.</param>
internal sealed record ProcessResult(ProcessOutcome? Outcome, CtrException? Failure, ContainerTarget Target)
{
    /// <summary>Runs a process whose streams are files, or without files those of the pipeline.</summary>
    internal static Task<ProcessResult> OfAsync(
        ContainerTarget target,
        ProcessFilePaths? files,
        ProcessIo io,
        Func<ProcessIo, Task<ProcessOutcome>> run,
        CancellationToken cancellationToken
    ) => OfAsync(target, () => files is null ? run(io) : ProcessFiles.RunAsync(files, io, run, cancellationToken));

    /// <summary>Runs a process. A failure is part of the result, because the exit code must be set before it is reported.</summary>
    internal static async Task<ProcessResult> OfAsync(ContainerTarget target, Func<Task<ProcessOutcome>> run)
    {
        try
        {
            return new ProcessResult(await run().ConfigureAwait(false), null, target);
        }
        catch (CtrException e)
        {
            return new ProcessResult(null, e, target);
        }
    }
}
