using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Changes labels of namespaces.</summary>
[Cmdlet(VerbsCommon.Set, "CtrNamespace", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrNamespace))]
public sealed class SetCtrNamespaceCommand : NamespaceCmdlet
{
    /// <inheritdoc cref="SetCtrContainerCommand.Label"/>
    [Parameter(Mandatory = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[] Label { get; set; } = [];

    /// <summary>Returns the changed namespace. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachNamespace(
            (namespaces, name) =>
            {
                if (!ShouldProcess(name, "Change labels"))
                    return;
                var changed = Await(cancellationToken => namespaces.UpdateLabelsAsync(name, StringMap.From(Label), cancellationToken));
                if (PassThru)
                    WriteObject(changed);
            }
        );
}
