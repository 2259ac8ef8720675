using System.Management.Automation;
using Containerd.Host.Errors;

namespace Containerd.PowerShell;

/// <summary>
/// The outermost error mapping of the cmdlets: any exception of the work for an item becomes an error of this module, so that <c>catch
/// [CtrException]</c> catches all of them.
/// </summary>
internal static class UnexpectedErrors
{
    /// <summary>Whether an exception comes from the work, and not from PowerShell, which ends pipelines with exceptions.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="stop">Cancelled when the pipeline was stopped.</param>
    internal static bool IsOurs(Exception error, CancellationToken stop) =>
        error is not (IContainsErrorRecord or FlowControlException)
        && error.GetType().Assembly != typeof(PSObject).Assembly
        && !(error is OperationCanceledException && stop.IsCancellationRequested);

    /// <summary>The error for it.</summary>
    internal static CtrException Translate(Exception error) => ClientErrors.Translate(error);
}
