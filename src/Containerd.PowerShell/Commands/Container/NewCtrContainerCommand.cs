using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Makes containers, from an image, a directory or a full spec (libcontainerd's Create). Nothing runs in them until Start-CtrTask.</summary>
[Cmdlet(VerbsCommon.New, "CtrContainer", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class NewCtrContainerCommand : ContainerCreationCmdlet, IThrottled
{
    private const string ById = "Id";
    private const string ByName = "Name";

    /// <summary>
    /// Specifies ids for the new containers: letters, digits and single '.', '_', '-' between them, at most 76 characters. It is the first word, unless -Name is given: then every word
    /// belongs to the command.
    /// </summary>
    [Parameter(Position = 0, ParameterSetName = ById)]
    [Parameter(ParameterSetName = ByName)]
    [IdTransformation]
    [AllowEmptyString]
    public string[] Id { get; set; } = [];

    /// <inheritdoc/>
    [Parameter(Mandatory = true, ParameterSetName = ByName)]
    [IdTransformation(typeof(string), "a name", "Name")]
    [ValidateNotNullOrEmpty]
    public override string? Name { get; set; }

    /// <summary>Ids from the pipeline; every word of the command line is the command's then.</summary>
    [Parameter(ValueFromPipeline = true)]
    [IdTransformation]
    [AllowEmptyString]
    public string[] InputObject { get; set; } = [];

    /// <summary>How many containers are made at a time. With 1, the default, one comes after the other; above that they come as they are there.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;

    private protected override IReadOnlyList<object?> Words => NewIds.Words(Id, Command, MyInvocation);

    protected override void ProcessRecord()
    {
        foreach (var given in NewIds.Of(Id, InputObject, MyInvocation))
        {
            TryPerSession(given.Length > 0 ? given : Name ?? given, () =>
            {
                if (Name is not null && Id.Length > 1)
                    throw ConflictingParameters.Error("-Name names one container, and -Id gives several ids.", "Create them one after the other, each with its name.");
                var id = given.Length == 0 && Name is not null ? GeneratedId.New() : NewIds.Require(given, MyInvocation);
                var creation = Creation(id);
                var containers = Resolve().Containers;
                if (ShouldProcess(Name ?? id, "Create container"))
                    Do(id, cancellation => containers.CreateAsync(creation, cancellation), WriteObject);
            });
        }
    }
}
