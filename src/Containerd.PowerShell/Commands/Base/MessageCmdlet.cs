using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// The one place where cmdlets write messages. Names, labels and paths in them come from containers, images and archives: control
/// characters in a message are made visible, so that a terminal does not interpret them. These methods hide the engine's own, and a test
/// finds calls that bypass them.
/// </summary>
public abstract class MessageCmdlet : PSCmdlet
{
    public new void WriteWarning(string text) => base.WriteWarning(CtrText.Visible(text));

    /// <summary>
    /// Shows a warning after Ctrl+C: the engine accepts no more messages from a pipeline that was stopped, but its host does.
    /// </summary>
    private protected void WriteWarningAfterStop(string text) => Host.UI?.WriteWarningLine(CtrText.Visible(text));

    public new void WriteVerbose(string text) => base.WriteVerbose(CtrText.Visible(text));

    public new void WriteDebug(string text) => base.WriteDebug(CtrText.Visible(text));

    public new void WriteError(ErrorRecord errorRecord) =>
        base.WriteError(ErrorRecords.Visible(ErrorRecords.Renamed(errorRecord, WithNames)));

    public new void ThrowTerminatingError(ErrorRecord errorRecord) =>
        base.ThrowTerminatingError(ErrorRecords.Visible(ErrorRecords.Renamed(errorRecord, WithNames)));

    /// <summary>
    /// The text of an error with the caller's names of objects: the caller typed a name, but the daemon's errors contain the id.
    /// </summary>
    private protected virtual string WithNames(string text) => text;

    /// <summary>Shows progress.</summary>
    public new void WriteProgress(ProgressRecord progressRecord)
    {
        ArgumentNullException.ThrowIfNull(progressRecord);
        // The engine rejects empty values.
        progressRecord.Activity = CtrText.VisibleLine(progressRecord.Activity);
        progressRecord.StatusDescription = CtrText.VisibleLine(progressRecord.StatusDescription);
        if (progressRecord.CurrentOperation is { } operation)
            progressRecord.CurrentOperation = CtrText.VisibleLine(operation);
        base.WriteProgress(progressRecord);
    }

    public new void WriteInformation(object messageData, string[] tags) =>
        base.WriteInformation(
            messageData switch
            {
                string text => CtrText.Visible(text),
                HostInformationMessage shown => new HostInformationMessage
                {
                    Message = CtrText.Visible(shown.Message),
                    NoNewLine = shown.NoNewLine,
                    ForegroundColor = shown.ForegroundColor,
                    BackgroundColor = shown.BackgroundColor,
                },
                _ => messageData,
            },
            tags
        );

    /// <summary>
    /// Passes on the output of a process unchanged: like that of a native command, it is for the user to read or to filter.
    /// </summary>
    public void WriteProcessError(string line) =>
        base.WriteInformation(new HostInformationMessage { Message = line }, ["PSHOST", ErrorIds.StandardError]);

    /// <summary>Passes on output of a process that the user has already seen: the record is for redirections and variables.</summary>
    internal void WriteShownProcessError(string line) => base.WriteInformation(new ProcessErrorLine(line), [ErrorIds.StandardError]);

    public new bool ShouldProcess(string target) => base.ShouldProcess(CtrText.VisibleLine(target));

    public new bool ShouldProcess(string target, string action) =>
        base.ShouldProcess(CtrText.VisibleLine(target), CtrText.VisibleLine(action));

    public new bool ShouldProcess(string verboseDescription, string verboseWarning, string caption) =>
        base.ShouldProcess(CtrText.Visible(verboseDescription), CtrText.Visible(verboseWarning), CtrText.VisibleLine(caption));

    public new bool ShouldContinue(string query, string caption) =>
        base.ShouldContinue(CtrText.Visible(query), CtrText.VisibleLine(caption));

    public new bool ShouldContinue(string query, string caption, bool hasSecurityImpact, ref bool yesToAll, ref bool noToAll) =>
        base.ShouldContinue(CtrText.Visible(query), CtrText.VisibleLine(caption), hasSecurityImpact, ref yesToAll, ref noToAll);

    public new bool ShouldContinue(string query, string caption, ref bool yesToAll, ref bool noToAll) =>
        base.ShouldContinue(CtrText.Visible(query), CtrText.VisibleLine(caption), ref yesToAll, ref noToAll);
}
