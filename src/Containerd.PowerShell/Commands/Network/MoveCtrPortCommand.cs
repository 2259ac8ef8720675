using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Moves the published ports of a container to another one.</summary>
[Cmdlet(VerbsCommon.Move, "CtrPort", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrPort))]
public sealed class MoveCtrPortCommand : ContainerArgumentCmdlet
{
    /// <summary>Specifies the container that gets the ports, by id or name. It must not publish ports itself.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ById)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByObject)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByEvent)]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>Returns the ports of the container that got them. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var destination = Word ?? Destination;
            var id = Await(cancellationToken => target.Namespace.Names.ResolveAsync(destination, cancellationToken));
            if (!ShouldProcess(target.Shown, $"Move published ports to '{destination}'"))
                return;
            Do(
                target.Subject,
                cancellationToken => target.Namespace.Networks.MovePortsAsync(target.Id, id, cancellationToken),
                container =>
                {
                    if (PassThru)
                        WriteObject(target.Namespace.Networks.GetPorts(container), enumerateCollection: true);
                }
            );
        });
}
