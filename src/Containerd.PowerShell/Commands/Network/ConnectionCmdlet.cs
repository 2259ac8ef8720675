using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A cmdlet that connects containers to networks, or disconnects them. The pipeline can have containers, or their places in networks, or
/// networks: <c>Get-CtrNetwork backend | Connect-CtrNetwork web</c>.
/// </summary>
public abstract class ConnectionCmdlet : ContainerArgumentCmdlet
{
    /// <summary>Specifies the networks.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ById)]
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = ByObject)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByEvent)]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [IdTransformation(typeof(CtrNetwork), "a network", "Name")]
    [ValidateNotNullOrEmpty]
    public string[] Network { get; set; } = [];

    /// <summary>Returns the container. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Runs the action for each container and network of this record; each failure is a separate error.</summary>
    private protected void ForEachConnection(string action, Func<ContainerTarget, string, CancellationToken, Task<CtrContainer>> work)
    {
        if (ParameterSetName == ByPipe && (Piped is PSObject wrapped ? wrapped.BaseObject : Piped) is CtrNetwork network)
        {
            // The argument names the containers.
            foreach (var id in Id)
                TryPerSession(id, () => Change(TargetArgument.Named(this, id) with { SessionLabel = SessionLabel }, network.Name));
            return;
        }

        ForEachContainer(target =>
        {
            foreach (var name in ParameterSetName == ByPipe ? Id : Network)
                Change(target, name);
        });

        void Change(ContainerTarget target, string name)
        {
            if (ShouldProcess(target.Shown, $"{action} '{name}'"))
            {
                Do(
                    target.Subject,
                    cancellationToken => work(target, name, cancellationToken),
                    container =>
                    {
                        if (PassThru)
                            WriteObject(container);
                    }
                );
            }
        }
    }
}
