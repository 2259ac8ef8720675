using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A cmdlet that acts on containers and takes one word more, such as a signal. Where the pipeline brings the containers, that word is the
/// first on the command line: <c>Get-CtrTask web | Send-CtrSignal HUP</c>. PowerShell takes it for an id all the same, without a look at
/// the pipeline; so there is a parameter set for just this case, which only comes into question when the word itself was not named.
/// </summary>
public abstract class ContainerWordCmdlet : ContainerWorkCmdlet
{
    internal const string ByPipe = "Piped";

    /// <summary>Specifies the ids or names of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [Parameter(Mandatory = true, ParameterSetName = ByPipe)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [ValidateNotNullOrEmpty]
    public override string[] Id { get; set; } = [];

    /// <summary>What the pipeline brings where the only word on the command line is not a container.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByPipe, DontShow = true)]
    [ValidateNotNull]
    public object? Piped { get; set; }

    /// <summary>The word that stands where an id would; null where ids are ids.</summary>
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
