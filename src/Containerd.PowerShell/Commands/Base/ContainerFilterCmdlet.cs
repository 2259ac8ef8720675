using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A cmdlet that reads data of containers, which are selected by id, by wildcard, or by objects; by default, all containers.
/// </summary>
public abstract class ContainerFilterCmdlet : SessionCmdlet
{
    /// <summary>Specifies the ids or names of containers; wildcards are permitted. By default, all containers are used.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Specifies containers, or tasks, processes or exits of containers. Their current state is read again.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrContainerObject[] InputObject { get; set; } = [];

    /// <inheritdoc cref="ContainerCmdlet.Event"/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByEvent)]
    [ValidateNotNull]
    public CtrEvent[] Event { get; set; } = [];

    /// <summary>The input objects, if no ids were specified.</summary>
    private protected IEnumerable<ICtrContainerObject> Objects => InputObject.Concat<ICtrContainerObject>(Event);
}
