using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Changes labels of snapshots.</summary>
[Cmdlet(VerbsCommon.Set, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrSnapshot))]
public sealed class SetCtrSnapshotCommand : SnapshotCmdlet
{
    /// <inheritdoc cref="SetCtrContainerCommand.Label"/>
    [Parameter(Mandatory = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[] Label { get; set; } = [];

    /// <summary>Returns the changed snapshot. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachSnapshot(target =>
        {
            if (!ShouldProcess(target.Title, "Change labels"))
                return;
            var changed = Await(cancellationToken =>
                target.Namespace.Snapshots.UpdateLabelsAsync(target.Snapshotter, target.Name, StringMap.From(Label), cancellationToken)
            );
            if (PassThru)
                WriteObject(changed);
        });
}
