using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A cmdlet that acts on containers and has one more argument, such as a signal. If the containers come from the pipeline, that argument is
/// the first on the command line: <c>Get-CtrTask web | Send-CtrSignal HUP</c>. PowerShell binds it as an id anyway, without considering the
/// pipeline. A parameter set exists for this case; it applies only if the argument was not specified by name.
/// </summary>
public abstract class ContainerArgumentCmdlet : ThrottledContainerCmdlet
{
    internal const string ByPipe = "Piped";

    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [Parameter(Mandatory = true, ParameterSetName = ByPipe)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [ValidateNotNullOrEmpty]
    public override string[] Id { get; set; } = [];

    /// <summary>Specifies the input objects if the only argument on the command line is not a container.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByPipe, DontShow = true)]
    [ValidateNotNull]
    public object? Piped { get; set; }

    /// <summary>The argument in the position of the id; null if ids were specified.</summary>
    private protected string? Word =>
        ParameterSetName != ByPipe ? null
        : Id is [var only] ? only
        : throw ConflictingParameters.Error(
            "Containers come from the pipeline, so ids cannot be specified too.",
            "Specify containers either in the pipeline or by id."
        );

    internal override void ForEachContainer(Action<ContainerTarget> work)
    {
        if (ParameterSetName == ByPipe)
            TryPerSession(Piped, () => work(TargetArgument.Read(Piped, this)));
        else
            base.ForEachContainer(work);
    }
}
