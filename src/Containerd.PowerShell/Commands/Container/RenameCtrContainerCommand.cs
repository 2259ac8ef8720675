using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Renames a container, or gives a name to a container that has none.</summary>
[Cmdlet(VerbsCommon.Rename, "CtrContainer", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class RenameCtrContainerCommand : ContainerArgumentCmdlet
{
    /// <summary>
    /// Specifies the new name: letters, digits and single '.', '_', '-' between them, at most 76 characters, unique in the namespace among
    /// names and ids.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ById)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByObject)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByEvent)]
    [IdTransformation(typeof(string), "a name", "Name")]
    [ValidateNotNullOrEmpty]
    public string NewName { get; set; } = "";

    /// <summary>Returns the renamed container.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var name = Word ?? NewName;
            if (!ShouldProcess(target.Shown, $"Rename container to '{name}'"))
                return;
            Do(
                target.Subject,
                cancellationToken => target.Namespace.Names.RenameAsync(target.Id, name, cancellationToken),
                container =>
                {
                    if (PassThru)
                        WriteObject(container);
                }
            );
        });
}
