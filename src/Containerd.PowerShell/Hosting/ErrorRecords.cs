using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The one place where a client's error becomes a record of PowerShell's.</summary>
internal static class ErrorRecords
{
    /// <param name="error">What went wrong.</param>
    /// <param name="target">What it is about.</param>
    /// <param name="place">Which of several daemons it is about; null where there is no doubt.</param>
    internal static ErrorRecord From(CtrException error, object? target, string? place = null)
    {
        var record = new ErrorRecord(error, error.ErrorId, CategoryOf(error), target ?? error.Subject);
        // The shell shows the action below the message.
        if (error.Remedy is not null || place is not null)
            record.ErrorDetails = new ErrorDetails(place is null ? error.Message : $"{place}: {error.Message}") { RecommendedAction = error.Remedy ?? "" };
        return record;
    }

    /// <summary>Whether the next item of the pipeline may fare better: it has the same daemon, but perhaps another registry.</summary>
    internal static bool IsAboutOneItem(CtrException error) =>
        (error is not CtrConnectionException || error.ErrorId.StartsWith("Registry", StringComparison.Ordinal)) && error.ErrorId is not ("SocketPermissionDenied" or "SshLoginFailed" or "SessionAmbiguous");

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
        CtrFileException { ErrorId: var id } => id.EndsWith("NotReadable", StringComparison.Ordinal) ? ErrorCategory.ReadError : ErrorCategory.WriteError,
        CtrProcessExitedException => ErrorCategory.InvalidResult,
        _ => ErrorCategory.OperationStopped,
    };
}
