using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The one sessionLabel where a client's error becomes a record of PowerShell's.</summary>
internal static class ErrorRecords
{
    // PowerShell 7.4 has a sessionLabel for the action in its records and none in its view of them.
    private static readonly bool ActionIsShown = typeof(ErrorRecord).Assembly.GetName().Version >= new Version(7, 5);

    /// <param name="error">The error.</param>
    /// <param name="target">The target of the error.</param>
    /// <param name="sessionLabel">The daemon that it concerns, if there are several; otherwise null.</param>
    internal static ErrorRecord From(CtrException error, object? target, string? sessionLabel = null)
    {
        // A script that waited for the task reads why it exited.
        if (error is CtrProcessExitedException { ErrorId: ErrorIds.TaskExited, Exit: { } exit })
            target = exit;
        var record = new ErrorRecord(error, error.ErrorId, CategoryOf(error), target ?? error.Subject);
        var advice = Recommendations.For(error);
        if (advice is not null || sessionLabel is not null)
            record.ErrorDetails = new ErrorDetails(Message(error, advice, sessionLabel)) { RecommendedAction = advice ?? "" };
        return Visible(record);
    }

    /// <summary>
    /// Makes control characters visible in the parts of a record that the engine's views show: its message, and the name of its target. The
    /// exception and the target themselves are not changed.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <returns>The same record.</returns>
    internal static ErrorRecord Visible(ErrorRecord record)
    {
        record.CategoryInfo.TargetName = CtrText.VisibleLine(record.CategoryInfo.TargetName);
        // A CtrException already has a clean message; other exceptions may not.
        if (record.ErrorDetails is null && CtrText.Visible(record.Exception.Message) is var message && message != record.Exception.Message)
            record.ErrorDetails = new ErrorDetails(message);
        return record;
    }

    /// <summary>Changes the displayed texts of a record; the exception and the target are not changed.</summary>
    /// <param name="record">The record.</param>
    /// <param name="rename">Changes a text.</param>
    /// <returns>The same record.</returns>
    internal static ErrorRecord Renamed(ErrorRecord record, Func<string, string> rename)
    {
        var (message, advice) = (
            record.ErrorDetails?.Message is { Length: > 0 } shown ? shown : record.Exception.Message,
            record.ErrorDetails?.RecommendedAction ?? ""
        );
        if (record.Exception is CtrException && (rename(message), rename(advice)) is var renamed && renamed != (message, advice))
            record.ErrorDetails = new ErrorDetails(renamed.Item1) { RecommendedAction = renamed.Item2 };
        return record;
    }

    /// <summary>An unexpected failure.</summary>
    internal static ErrorRecord Unexpected(Exception error, object? target) =>
        Visible(new ErrorRecord(error, ErrorIds.Unexpected, ErrorCategory.NotSpecified, target));

    /// <summary>A line of a process's standard error as an error; the target is the unchanged line.</summary>
    internal static ErrorRecord FromProcess(string line) =>
        Visible(
            new ErrorRecord(
                new CtrException(line) { ErrorId = ErrorIds.StandardError },
                ErrorIds.StandardError,
                ErrorCategory.FromStdErr,
                line
            )
        );

    /// <summary>The displayed message, below which the shell shows the recommended action.</summary>
    private static string Message(CtrException error, string? advice, string? sessionLabel)
    {
        var message = sessionLabel is null ? error.Message : $"{CtrText.VisibleLine(sessionLabel)}: {error.Message}";
        return ActionIsShown || advice is null ? message : $"{message} {advice}";
    }

    /// <summary>Whether the next item of the pipeline may succeed: it uses the same daemon, but perhaps another registry.</summary>
    internal static bool IsAboutOneItem(CtrException error) =>
        (error is not CtrConnectionException || error.ErrorId.StartsWith("Registry", StringComparison.Ordinal))
        && error.ErrorId
            is not (
                ErrorIds.SocketPermissionDenied
                or ErrorIds.SshLoginFailed
                or ErrorIds.SessionAmbiguous
                or ErrorIds.UnknownParameter
                or ErrorIds.DaemonTimedOut
                or ErrorIds.SshTimedOut
            );

    private static ErrorCategory CategoryOf(CtrException error) =>
        error switch
        {
            CtrConnectionException => ErrorCategory.ConnectionError,
            CtrNotFoundException => ErrorCategory.ObjectNotFound,
            CtrConflictException { ErrorId: var id } => id.EndsWith("Exists", StringComparison.Ordinal)
                ? ErrorCategory.ResourceExists
                : ErrorCategory.ResourceBusy,
            CtrArgumentException => ErrorCategory.InvalidArgument,
            CtrPermissionException => ErrorCategory.PermissionDenied,
            CtrTimeoutException => ErrorCategory.OperationTimeout,
            CtrNotSupportedException => ErrorCategory.NotImplemented,
            CtrDataException => ErrorCategory.InvalidData,
            CtrFileException { ErrorId: var id } => id.EndsWith("NotReadable", StringComparison.Ordinal)
                ? ErrorCategory.ReadError
                : ErrorCategory.WriteError,
            CtrProcessExitedException => ErrorCategory.InvalidResult,
            _ => ErrorCategory.OperationStopped,
        };
}
