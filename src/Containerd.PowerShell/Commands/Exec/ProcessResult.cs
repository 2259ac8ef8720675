using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>What running a process led to.</summary>
/// <param name="Outcome">How it ended; null if it did not start.</param>
/// <param name="Failure">Why it did not start, or was given up; null if it ended.</param>
/// <param name="Target">The container, its namespace and session.</param>
internal sealed record ProcessResult(ProcessOutcome? Outcome, CtrException? Failure, ContainerTarget Target)
{
    /// <summary>Runs a process. A failure is part of the result, since the exit code is due before it is reported.</summary>
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
