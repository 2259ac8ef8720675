using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The one place where a client's error becomes a record of PowerShell's.</summary>
internal static class ErrorRecords
{
    // PowerShell 7.4 has a place for the action in its records and none in its view of them.
    private static readonly bool ActionIsShown = typeof(ErrorRecord).Assembly.GetName().Version >= new Version(7, 5);

    /// <param name="error">What went wrong.</param>
    /// <param name="target">What it is about.</param>
    /// <param name="place">Which of several daemons it is about; null where there is no doubt.</param>
    internal static ErrorRecord From(CtrException error, object? target, string? place = null)
    {
        var record = new ErrorRecord(error, error.ErrorId, CategoryOf(error), target ?? error.Subject);
        if (error.Remedy is not null || place is not null)
            record.ErrorDetails = new ErrorDetails(Message(error, place)) { RecommendedAction = error.Remedy ?? "" };
        return record;
    }

    /// <summary>What the view shows, below which the shell puts the action.</summary>
    private static string Message(CtrException error, string? place)
    {
        var message = place is null ? error.Message : $"{place}: {error.Message}";
        return ActionIsShown || error.Remedy is null ? message : $"{message} {error.Remedy}";
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
