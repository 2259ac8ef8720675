using System.Management.Automation;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Runs a command in a new container: creates it, starts it, connects its streams, waits, and removes it.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "CtrContainer", SupportsShouldProcess = true)]
[OutputType(typeof(string), typeof(byte[]), typeof(CtrExecResult))]
public sealed class InvokeCtrContainerCommand : ContainerCreationCmdlet, IProcessParameters
{
    private readonly StandardInput _input = new();
    private ProcessPipeline? _process;
    private PipelineWork<ProcessResult>? _running;
    private RedirectedStreams? _redirected;
    private LocalTerminal? _terminal;
    private IReadOnlyList<object?>? _words;
    private bool _refused;
    private bool _done;

    /// <inheritdoc/>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public override string? Image { get; set; }

    /// <summary>Specifies the container's id. The default is a generated one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Id { get; set; }

    /// <summary>
    /// Specifies the input of the process: text as lines, bytes unchanged. An image that Get-CtrImage returns is not input: the command
    /// runs in a container of that image.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>
    /// Indicates that the process reads your input from this console. With -Tty, the terminal of the process is this console; otherwise,
    /// Ctrl+D ends its input.
    /// </summary>
    [Parameter]
    public SwitchParameter Interactive { get; set; }

    /// <summary>Indicates that the container is kept when the process has exited.</summary>
    [Parameter]
    public SwitchParameter Keep { get; set; }

    /// <inheritdoc cref="InvokeCtrExecCommand.Timeout"/>
    [Parameter]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? InFile { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ErrorFile { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [PSDefaultValue(Help = "Information")]
    public CtrStandardError StandardError { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [PSDefaultValue(Help = "0")]
    public int[] AllowExitCode { get; set; } = [0];

    /// <inheritdoc/>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool UsesConsole => Interactive && Tty;

    private protected override IReadOnlyList<object?> Words => _words ?? Command;

    protected override void BeginProcessing()
    {
        // With a pipeline, the first item shows whether the input consists of images or is the input of one process.
        if (!MyInvocation.ExpectingInput)
            Start();
    }

    protected override void ProcessRecord()
    {
        if (!StandardInput.IsGiven(MyInvocation))
            return;
        foreach (var item in StandardInput.Items(InputObject, MyInvocation))
            Take(item);
    }

    protected override void EndProcessing()
    {
        if (!_done && !_refused && _running is null)
            Start();
        _input.End();
        if (_running is null || _refused)
            return;
        Try(Id ?? Name, () => Report(_running));
    }

    private void Take(object? item)
    {
        if (_running is null && (item is PSObject wrapped ? wrapped.BaseObject : item) is CtrImage image)
        {
            _done = true;
            // The image comes from the pipeline: all arguments belong to the command.
            _words ??= Image is null ? Command : [Image, .. Command];
            Image = null;
            TryPerSession(image, () => RunToEnd(image));
            return;
        }

        if (_running is null && ForeignObject.IsCopy(item))
        {
            _done = true;
            Try(item, () =>
                throw new CtrArgumentException(ForeignObject.Refusal(item!, "an image", "Name")) { ErrorId = ErrorIds.NoRootfs }
            );
            return;
        }

        if (_done || _refused)
            return;
        if (_running is null)
            Start();
        _running?.PumpUntil(_input.WriteAsync(item, StopToken));
    }

    /// <summary>Starts the single run that reads the pipeline's input or has no input.</summary>
    private void Start() =>
        _refused = !Try(Id ?? Name, () => _refused = !Begin(null, hasInput: StandardInput.IsGiven(MyInvocation))) || _refused;

    private void RunToEnd(CtrImage image)
    {
        if (!Begin(image, hasInput: false))
            return;
        using var running = _running!;
        _running = null;
        Report(running);
    }

    /// <summary>Starts a run.</summary>
    /// <returns>Whether it was started; with -WhatIf it is not.</returns>
    private bool Begin(CtrImage? image, bool hasInput)
    {
        var id = Id ?? (Name is null ? $"run-{Guid.NewGuid():N}"[..16] : GeneratedId.New());
        Call(id, Name);
        var creation = Creation(id, image);
        ConsoleProcess.Require(this, this, id, hasInput: hasInput);
        var files = (_redirected ??= new RedirectedStreams(this, this, ResolvePath)).Take(Name ?? id, hasInput);
        var ns = Resolve(image);
        if (!ShouldProcess(Name ?? id, "Run container"))
            return false;
        WriteVerbose($"Running container {id} in namespace {ns.Namespace}{(Keep ? "" : "; it is removed when its process has exited")}.");
        _process = new ProcessPipeline(this, this, PostAsync);
        _terminal = Interactive ? LocalTerminal.Take() : null;
        var io = _process.Io(hasInput ? _input.Chunks : _terminal?.ReadInputAsync());
        var timeout = this.IfGiven(Timeout)?.TimeSpan;
        _running = Begin(cancellationToken =>
            ProcessResult.OfAsync(
                new ContainerTarget(ns, id, null),
                files,
                io,
                streams =>
                    Interactive && Tty
                        ? ns.Containers.RunAsync(creation, _terminal!, timeout, Keep, cancellationToken)
                        : ns.Containers.RunAsync(creation, streams, timeout, Keep, cancellationToken),
                cancellationToken
            )
        );
        return true;
    }

    private void Report(PipelineWork<ProcessResult> running)
    {
        try
        {
            var outcome = Finish(running);
            _terminal?.Dispose();
            _process!.Report(outcome);
        }
        finally
        {
            _terminal?.Dispose();
        }
    }

    protected override void Dispose(bool disposing)
    {
        _running?.Dispose();
        _terminal?.Dispose();
        base.Dispose(disposing);
    }
}
