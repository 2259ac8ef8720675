using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Commits an active snapshot: it becomes read-only, under another name.</summary>
[Cmdlet(VerbsData.Save, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrSnapshot))]
public sealed class SaveCtrSnapshotCommand : SnapshotCmdlet
{
    /// <summary>Specifies the name of the committed snapshot.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string NewName { get; set; } = "";

    /// <summary>
    /// Specifies labels for the committed snapshot, which does not inherit those of the active one. Specify a hashtable, or strings such as
    /// app=web; a string without = has an empty value, and containerd does not store such a label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Indicates that the snapshot is committed even if it belongs to a container. That container is left without a root file system.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() =>
        ForEachSnapshot(target =>
        {
            if (!ShouldProcess(target.Title, $"Commit as {NewName}"))
                return;
            var saved = Await(cancellationToken =>
                target.Namespace.Snapshots.CommitAsync(target.Snapshotter, target.Name, NewName, NewLabels(Label), Force, cancellationToken)
            );
            WriteVerbose(KeptBy.Sentence(target.Namespace, "snapshot"));
            WriteObject(saved);
        });
}
