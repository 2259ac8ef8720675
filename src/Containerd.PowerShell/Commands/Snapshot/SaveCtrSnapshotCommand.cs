using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Commits an active snapshot: it becomes one that never changes, under another name, on top of which others can be made. The lease of a
/// Use-CtrLease block keeps
/// it, else the label containerd.io/gc.root, until Remove-CtrSnapshot removes it.
/// </summary>
[Cmdlet(VerbsData.Save, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrSnapshot))]
public sealed class SaveCtrSnapshotCommand : SnapshotCmdlet
{
    /// <summary>The committed snapshot's name.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string NewName { get; set; } = "";

    /// <summary>
    /// Specifies labels for the committed snapshot, which does not inherit those of the active one. Give a hashtable, or texts such as
    /// app=web; a text without = has an empty value, and containerd does not store such a label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>Commits it although it is a container's, which is left without a root file system.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() =>
        ForEachSnapshot(target =>
        {
            if (!ShouldProcess(target.Title, $"Commit as {NewName}"))
                return;
            var saved = Await(cancellationToken =>
                target.Namespace.Snapshots.SaveAsync(target.Snapshotter, target.Name, NewName, NewLabels(Label), Force, cancellationToken)
            );
            WriteVerbose(KeptBy.Sentence(target.Namespace, "snapshot"));
            WriteObject(saved);
        });
}
