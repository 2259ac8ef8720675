using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The one place where a client's error becomes a record of PowerShell's.</summary>
internal static class ErrorRecords
{
    internal static ErrorRecord From(CtrException error, object? target)
    {
        var record = new ErrorRecord(error, error.ErrorId, CategoryOf(error), target ?? error.Subject);
        // The shell shows it below the message.
        if (error.Remedy is not null)
            record.ErrorDetails = new ErrorDetails(error.Message) { RecommendedAction = error.Remedy };
        return record;
    }

    /// <summary>Whether the next item of the pipeline may fare better.</summary>
    internal static bool IsAboutOneItem(CtrException error) => error is not CtrConnectionException && error.ErrorId is not ("SocketPermissionDenied" or "SessionAmbiguous");

    private static ErrorCategory CategoryOf(CtrException error) => error switch
    {
        CtrConnectionException => ErrorCategory.ConnectionError,
        CtrNotFoundException => ErrorCategory.ObjectNotFound,
        CtrConflictException { ErrorId: var id } => id.EndsWith("Exists", StringComparison.Ordinal) ? ErrorCategory.ResourceExists : ErrorCategory.ResourceBusy,
        CtrArgumentException => ErrorCategory.InvalidArgument,
        CtrPermissionException => ErrorCategory.PermissionDenied,
        CtrTimeoutException => ErrorCategory.OperationTimeout,
        CtrNotSupportedException => ErrorCategory.NotImplemented,
        CtrDataException => ErrorCategory.InvalidData,
        CtrProcessExitedException => ErrorCategory.InvalidResult,
        _ => ErrorCategory.OperationStopped,
    };
}
