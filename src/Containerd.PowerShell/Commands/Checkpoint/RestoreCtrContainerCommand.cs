using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Creates new containers from checkpoints and resumes their processes.</summary>
[Cmdlet(VerbsData.Restore, "CtrContainer", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class RestoreCtrContainerCommand : SessionCmdlet, IStreamParameters
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";
    private const string ByCheckpoint = "InputObject";

    private CheckpointQuestion? _question;

    /// <summary>Specifies checkpoints: directories or archives that Checkpoint-CtrTask created; wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies checkpoints. The names are used exactly as typed; wildcards are not interpreted.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Specifies checkpoints, as Checkpoint-CtrTask returns them.</summary>
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

    /// <summary>Specifies the snapshotter for the read-write layer. The default is that of the saved container.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>
    /// Indicates that the container is created but not started. Start it later with Start-CtrTask -CheckpointPath, from the same
    /// checkpoint.
    /// </summary>
    [Parameter]
    public SwitchParameter NoStart { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public SwitchParameter NoLog { get; set; }

    /// <summary>Specifies the format of the stored output: Plain (the default) or Timestamped, as for Start-CtrTask.</summary>
    [Parameter]
    [PSDefaultValue(Help = "Plain")]
    public CtrLogFormat LogFormat { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize LogMaxSize { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public int? LogMaxFiles { get; set; }

    /// <summary>
    /// Opens standard input for a restored task that has a terminal. A task that was saved with standard input open gets it back even
    /// without this switch.
    /// </summary>
    [Parameter]
    public SwitchParameter WithStdin { get; set; }

    /// <summary>
    /// Indicates that a checkpoint that this daemon did not create is restored without confirmation. Its memory images are restored by
    /// root, with the privileges that they contain: use this switch only for checkpoints from people whom you trust with this host.
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
                        $"-{meant} cannot be combined with -NoStart, which does not create a task.",
                        $"Use -{meant} with Start-CtrTask, or omit -NoStart."
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
