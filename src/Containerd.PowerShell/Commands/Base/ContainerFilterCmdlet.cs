using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A cmdlet that reads what belongs to containers, which are named by id, by wildcard, or by objects; without a name, all of them.
/// </summary>
public abstract class ContainerFilterCmdlet : SessionCmdlet
{
    /// <summary>Ids of containers; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Containers, or tasks, processes or exits of containers, to be read anew.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrContainerObject[] InputObject { get; set; } = [];

    /// <summary>Events of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByEvent)]
    [ValidateNotNull]
    public CtrEvent[] Event { get; set; } = [];

    /// <summary>What was handed in, where ids were not.</summary>
    private protected IEnumerable<ICtrContainerObject> Objects => InputObject.Concat<ICtrContainerObject>(Event);
}
