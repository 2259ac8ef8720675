using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Creates containers from an image, a directory or a full spec. Corresponds to libcontainerd's Create.</summary>
[Cmdlet(VerbsCommon.New, "CtrContainer", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class NewCtrContainerCommand : ContainerCreationCmdlet, IThrottled
{
    private const string ById = "Id";
    private const string ByName = "Name";

    /// <summary>
    /// Specifies the ids of the new containers: letters, digits and single '.', '_', '-' between them, at most 76 characters. The id is the
    /// first argument, unless you specify -Name: then all arguments belong to the command.
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

    /// <summary>
    /// Specifies ids from the pipeline, or images that Get-CtrImage returns. If the input objects are ids, all arguments of the command
    /// line belong to the command; if they are images, the first argument is the id.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [IdTransformation(typeof(CtrImage), "a container or an image", "Name")]
    [AllowEmptyString]
    public object[] InputObject { get; set; } = [];

    /// <summary>
    /// Specifies when containerd starts the container again after its task has ended: no (the default), always, on-failure, on-failure:5
    /// (at most 5 times), or unless-stopped. It applies from the first Start-CtrTask, also after a restart of containerd or of the host,
    /// and until Stop-CtrTask: a stopped container stays stopped. The output is stored as a timestamped log.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(RestartPolicyCompleter))]
    [ValidateNotNull]
    public CtrRestartPolicy? RestartPolicy { get; set; }

    /// <summary>
    /// Specifies the maximum number of containers that are created at the same time. With 1, the default, they are created one after
    /// another; above 1, they are returned in the order of completion.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;

    private protected override IReadOnlyList<object?> Words => PipedImages().Any() ? Command : NewIds.Words(Id, Command, MyInvocation);

    protected override void ProcessRecord()
    {
        foreach (var image in PipedImages().Cast<CtrImage?>().DefaultIfEmpty(null))
        {
            foreach (
                var id in image is null ? NewIds.Of(Id, PipedIds(), MyInvocation)
                : Id.Length > 0 ? Id
                : [""]
            )
                TryPerSession(id.Length == 0 && Name is not null ? Name : id, () => Create(id, image));
        }
    }

    private void Create(string given, CtrImage? image)
    {
        if (Name is not null && Id.Length > 1)
            throw ConflictingParameters.Error(
                "-Name is for one container, but several ids are specified.",
                "Create them one after another, each with its own name."
            );
        var id =
            given.Length == 0 && Name is not null
                ? GeneratedId.New()
                : NewIds.Require(given, MyInvocation, isPiped: image is null && MyInvocation.ExpectingInput);
        Call(id, Name);
        var creation = Creation(id, image) with { RestartPolicy = RestartPolicy };
        var containers = Resolve(image).Containers;
        if (ShouldProcess(Name ?? id, "Create container"))
            Do(
                given.Length == 0 && Name is not null ? Name : id,
                cancellationToken => containers.CreateAsync(creation, cancellationToken),
                container =>
                {
                    WriteVerbose(
                        $"Created container {container.ContainerId} of "
                            + $"{(container.Image is { Length: > 0 } name ? name : "a root directory")} in namespace "
                            + $"{container.Namespace}."
                    );
                    WriteObject(container);
                }
            );
    }

    private IEnumerable<CtrImage> PipedImages() =>
        InputObject.Select(item => item is PSObject wrapped ? wrapped.BaseObject : item).OfType<CtrImage>();

    private string[] PipedIds() => [.. InputObject.Select(item => LanguagePrimitives.ConvertTo<string>(item))];
}
