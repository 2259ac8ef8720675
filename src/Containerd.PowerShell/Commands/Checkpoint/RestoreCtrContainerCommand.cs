using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Makes new containers from checkpoints, with their spec, labels, image and changes to the root file system, and starts each where it was.
/// The image must
/// be in the namespace.
/// </summary>
[Cmdlet(VerbsData.Restore, "CtrContainer", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class RestoreCtrContainerCommand : SessionCmdlet, IStreamParameters
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";
    private const string ByCheckpoint = "InputObject";

    private CheckpointQuestion? _question;

    /// <summary>Checkpoints: directories or archives that Checkpoint-CtrTask made; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Checkpoints whose names are taken as they are.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Checkpoints as Checkpoint-CtrTask gave them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByCheckpoint)]
    [ValidateNotNull]
    public CtrCheckpoint[] InputObject { get; set; } = [];

    /// <summary>
    /// Specifies the new container's id. The default is the id that was saved, or with -Name a generated one. For several checkpoints use a
    /// script block: -Id { $_.BaseName }.
    /// </summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Id { get; set; }

    /// <summary>
    /// Specifies a name for the new container, unique in the namespace. The default is the name that was saved; with -Id alone the
    /// container gets no name.
    /// </summary>
    [Parameter]
    [IdTransformation(typeof(string), "a name", "Name")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The snapshotter for the read-write layer; without it the saved container's.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>Does not start it: Start-CtrTask -CheckpointPath does later, from the same checkpoint.</summary>
    [Parameter]
    public SwitchParameter NoStart { get; set; }

    /// <summary>A file for the task's output, both streams in one; without it the module keeps them itself, one file per stream.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Throws the task's output away.</summary>
    [Parameter]
    public SwitchParameter NoLog { get; set; }

    /// <summary>How the output is kept: Plain, as it is (the default), or Timestamped, as for Start-CtrTask.</summary>
    [Parameter]
    [PSDefaultValue(Help = "Plain")]
    public CtrLogFormat LogFormat { get; set; }

    /// <summary>
    /// The size at which a timestamped log begins its next file, 64KB at least: 10MB. With it alone, the log is a timestamped one.
    /// </summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize LogMaxSize { get; set; }

    /// <summary>How many files of -LogMaxSize are kept, 1 to 1000; without it, 5. The oldest goes first.</summary>
    [Parameter]
    public int? LogMaxFiles { get; set; }

    /// <summary>Gives the task a standard input, where the saved one had one or a terminal; where it had one it gets one anyway.</summary>
    [Parameter]
    public SwitchParameter WithStdin { get; set; }

    /// <summary>
    /// Indicates that a checkpoint is restored without a question, although this daemon did not make it. Its memory images are restored by
    /// root with the privileges that they
    /// contain: use it only for checkpoints of people that you trust with this host.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    CtrSize? IStreamParameters.LogMaxSize => this.IfGiven(LogMaxSize);

    protected override void BeginProcessing()
    {
        _question = new CheckpointQuestion(this, PostAsync);
        string[] ofTheTask =
        [
            nameof(LogPath),
            nameof(NoLog),
            nameof(LogFormat),
            nameof(LogMaxSize),
            nameof(LogMaxFiles),
            nameof(WithStdin),
        ];
        if (NoStart && ofTheTask.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is string meant)
            ThrowTerminatingError(
                ErrorRecords.From(
                    ConflictingParameters.Error(
                        $"-{meant} is for a task, and -NoStart makes none.",
                        $"Give -{meant} to Start-CtrTask, or leave -NoStart out."
                    ),
                    null
                )
            );
    }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByCheckpoint)
        {
            foreach (var checkpoint in InputObject)
                Try(checkpoint, () => Restore(Resolve(checkpoint), checkpoint.Path));
            return;
        }

        var literal = ParameterSetName == ByLiteralPath;
        foreach (var path in literal ? LiteralPath : Path)
        {
            Try(path, () =>
            {
                foreach (var file in ResolveFiles([path], literal))
                    Try(file, () => Restore(Resolve(), file));
            });
        }
    }

    private void Restore(NamespaceClient ns, string path)
    {
        if (
            !ShouldProcess(
                $"{path} ({ns.Namespace})",
                (Name ?? Id) is { } wanted ? $"Restore container as '{wanted}'" : "Restore container"
            )
        )
            return;
        var restoration = new CheckpointRestoreOptions
        {
            Path = path,
            Id = Id,
            Name = Name,
            Snapshotter = Snapshotter,
            Confirm = _question!.Confirm(Force),
            Start = NoStart ? null : ((IStreamParameters)this).Start(MyInvocation.BoundParameters, ResolvePath),
        };
        var progress = new CheckpointProgressView(path, record => Post(() => WriteProgress(record)));
        try
        {
            WriteObject(Await(cancellationToken => ns.Checkpoints.RestoreAsync(restoration, progress, cancellationToken)));
        }
        catch (CtrException e) when (CheckpointQuestion.IsNo(e))
        {
            WriteVerbose(e.Message);
        }
        finally
        {
            if (!Stopping && progress.Completed() is { } last)
                WriteProgress(last);
        }
    }
}
