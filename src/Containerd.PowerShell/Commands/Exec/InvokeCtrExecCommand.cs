using System.Management.Automation;
using Containerd.Client;
using Containerd.Host;
using Containerd.Host.Streams;

namespace Containerd.PowerShell;

/// <summary>Runs a command in a running container. Corresponds to libcontainerd's Exec.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "CtrExec", SupportsShouldProcess = true)]
[OutputType(typeof(string), typeof(byte[]), typeof(CtrExecResult), typeof(CtrProcess))]
public sealed class InvokeCtrExecCommand : SessionCmdlet, IProcessParameters, IThrottled
{
    private StandardInput? _input;
    private ProcessPipeline? _process;
    private PipelineWork<ProcessResult>? _running;
    private RedirectedStreams? _redirected;
    private bool _done;

    /// <summary>Specifies the container, by id or name, or as an object that belongs to it.</summary>
    [Parameter(Position = 0)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNull]
    public object? Id { get; set; }

    /// <summary>Specifies the command and its arguments: everything after --.</summary>
    [Parameter(Position = 1, ValueFromRemainingArguments = true)]
    [ArgumentCompleter(typeof(CommandWordCompleter))]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object?[] Command { get; set; } = [];

    /// <summary>
    /// Specifies the container to run the command in, as a container or one of its tasks. Any other object is the input of the process:
    /// text as lines, bytes unchanged.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>
    /// Specifies the user by name or number, optionally with a group, as user:group. The default is the container's user.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(UserCompleter))]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>Specifies the working directory in the container. The default is that of the container.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>Specifies environment variables as a hashtable or NAME=value strings.</summary>
    [Parameter]
    public object[]? Env { get; set; }

    /// <summary>
    /// Indicates that the process has a terminal; standard output and standard error are then one stream. With -Interactive, the terminal
    /// is this console.
    /// </summary>
    [Parameter]
    public SwitchParameter Tty { get; set; }

    /// <summary>
    /// Specifies the width of the terminal, in columns, for a terminal that is not this console. The default is 80 if you specify -Height.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Width { get; set; }

    /// <summary>
    /// Specifies the height of the terminal, in rows, for a terminal that is not this console. The default is 24 if you specify -Width.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Height { get; set; }

    /// <summary>Indicates that the process reads your input from this console. Without -Tty, Ctrl+D ends its input.</summary>
    [Parameter]
    public SwitchParameter Interactive { get; set; }

    /// <summary>Indicates that the process has all capabilities.</summary>
    [Parameter]
    public SwitchParameter Privileged { get; set; }

    /// <summary>Specifies the id of the exec. The default is a generated one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <summary>
    /// Specifies how long the process may run before it is killed: 10 (seconds), 500ms, 1m30s. By default, there is no limit.
    /// </summary>
    [Parameter]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; }

    /// <summary>
    /// Indicates that the command returns the process as an object and does not wait for it. Get-CtrLog -ExecId shows its output.
    /// </summary>
    [Parameter]
    public SwitchParameter Detach { get; set; }

    /// <summary>Indicates that the exec is created but not started; start it with Start-CtrExec. Otherwise the same as -Detach.</summary>
    [Parameter]
    public SwitchParameter NoStart { get; set; }

    /// <summary>Indicates that a process started with -Detach or -NoStart has standard input. Send-CtrInput writes to it.</summary>
    [Parameter]
    public SwitchParameter WithStdin { get; set; }

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

    /// <summary>
    /// Specifies the maximum number of containers in which the command runs at the same time. Above 1, output from different containers is
    /// interleaved in arrival order; use -PassThru to keep it separate.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;

    protected override void BeginProcessing()
    {
        var aside = Detach || NoStart;
        if (!aside && WithStdin)
            ThrowTerminatingError(
                ErrorRecords.From(
                    ConflictingParameters.Error(
                        "-WithStdin requires a background process (-Detach or -NoStart).",
                        "Add -Detach or -NoStart, or pipe the input in."
                    ),
                    Id
                )
            );
        string[] ofTheEnd =
        [
            nameof(Timeout),
            nameof(PassThru),
            nameof(Raw),
            nameof(AsByteStream),
            nameof(StandardError),
            nameof(AllowExitCode),
            nameof(InFile),
            nameof(OutFile),
            nameof(ErrorFile),
            nameof(NoClobber),
        ];
        if (aside && ofTheEnd.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is string meant)
            ThrowTerminatingError(
                ErrorRecords.From(
                    ConflictingParameters.Error(
                        $"-{meant} cannot be combined with -Detach or -NoStart: the command does not wait for a background process.",
                        $"Omit -{meant}, or -Detach and -NoStart."
                    ),
                    Id
                )
            );
    }

    protected override void ProcessRecord()
    {
        if (!StandardInput.IsGiven(MyInvocation))
            return;
        foreach (var item in StandardInput.Items(InputObject, MyInvocation))
            Take(item);
    }

    private void Take(object? input)
    {
        if ((input is PSObject wrapped ? wrapped.BaseObject : input) is ICtrContainerObject target)
        {
            // The container comes from the pipeline: all arguments belong to the command.
            var words = Id is null ? Command : [Id, .. Command];
            TryPerSession(target, () => RunToEnd(new ContainerTarget(Resolve(target), target.ContainerId, target), words));
            _done = true;
            return;
        }

        if (ForeignObject.IsCopy(input))
        {
            Try(input, () => throw TargetArgument.Foreign(input!));
            _done = true;
            return;
        }

        if (_done)
            return;
        if (_running is null && !(Try(Id, StartWithInput) && _running is not null))
        {
            _done = true;
            return;
        }

        var write = _input!.WriteAsync(input, StopToken);
        _running!.PumpUntil(write);
    }

    protected override void EndProcessing()
    {
        if (!_done && StandardInput.IsGiven(MyInvocation))
            Try(Id, EndInput);
        else if (!_done)
            TryPerSession(Id, () => RunToEnd(TargetArgument.Read(Id, this), Command));
        base.EndProcessing();
    }

    protected override void Dispose(bool disposing)
    {
        _running?.Dispose();
        base.Dispose(disposing);
    }

    private void StartWithInput()
    {
        var target = TargetArgument.Read(Id, this);
        var (ns, id, _) = target;
        var start = Start(Command);
        ConsoleProcess.Require(this, this, id);
        var files = Redirected(target, hasInput: true);
        if (Detach || NoStart)
        {
            throw new CtrArgumentException(
                "Piped input cannot be combined with -Detach or -NoStart: a background process does not read it."
            )
            {
                ErrorId = ErrorIds.DetachWithInput,
                Subject = id,
                Remedy = "Use -WithStdin to give the process standard input, and write to it with Send-CtrInput.",
            };
        }

        if (!ShouldProcess(target.Shown, $"Run {start.Options.Command![0]}"))
            return;
        _input = new StandardInput();
        _process = new ProcessPipeline(this, this, PostAsync);
        var io = _process.Io(_input.Chunks);
        _running = Begin(cancellationToken =>
            ProcessResult.OfAsync(target, files, io, streams => ns.Execs.RunAsync(id, start, streams, cancellationToken), cancellationToken)
        );
    }

    private void EndInput()
    {
        if (_running is null)
            StartWithInput();
        if (_running is null)
            return;
        _input!.End();
        _process!.Report(Finish(_running));
    }

    private void RunToEnd(ContainerTarget target, object?[] words)
    {
        var (ns, id, _) = target;
        var start = Start(words);
        ConsoleProcess.Require(
            this,
            this,
            id,
            Detach ? nameof(Detach)
                : NoStart ? nameof(NoStart)
                : null
        );
        var files = Redirected(target, hasInput: false);
        if (!ShouldProcess(target.Shown, $"Run {start.Options.Command![0]}"))
            return;
        if (Detach || NoStart)
        {
            Do(
                target.Subject,
                cancellationToken =>
                    NoStart ? ns.Execs.CreateAsync(id, start, cancellationToken) : ns.Execs.StartAsync(id, start, cancellationToken),
                WriteObject
            );
            return;
        }

        var process = new ProcessPipeline(this, this, PostAsync);
        if (!Interactive)
        {
            var io = process.Io(null);
            Do(
                target.Subject,
                cancellationToken =>
                    ProcessResult.OfAsync(
                        target,
                        files,
                        io,
                        streams => ns.Execs.RunAsync(id, start, streams, cancellationToken),
                        cancellationToken
                    ),
                process.Report
            );
            return;
        }

        // One user types at one terminal: never in parallel.
        using var terminal = LocalTerminal.Take();
        var typed = process.Io(terminal.ReadInputAsync());
        process.Report(
            Await(cancellationToken =>
                ProcessResult.OfAsync(
                    target,
                    files,
                    typed,
                    streams =>
                        Tty
                            ? ns.Execs.RunAsync(id, start, terminal, cancellationToken)
                            : ns.Execs.RunAsync(id, start, streams, cancellationToken),
                    cancellationToken
                )
            )
        );
    }

    private ProcessFilePaths? Redirected(ContainerTarget target, bool hasInput) =>
        (_redirected ??= new RedirectedStreams(this, this, ResolvePath)).Take(target.Id, hasInput);

    private ExecStartOptions Start(object?[] words)
    {
        var command = CommandLine.FromWords(words, this);
        if (command.Count == 0)
        {
            throw new CtrArgumentException("A command is required.")
            {
                ErrorId = ErrorIds.NoCommand,
                Remedy = "Specify it after --, as in Invoke-CtrExec web -- ls -la.",
            };
        }

        return new ExecStartOptions
        {
            ExecId = ExecId,
            WithStdin = WithStdin,
            Timeout = this.IfGiven(Timeout)?.TimeSpan,
            Options = new ExecOptions
            {
                Command = command,
                User = User,
                Cwd = WorkingDirectory,
                Env = EnvironmentArgument.Read(Env),
                Tty = Tty,
                ConsoleSize = TerminalSize.Read(Width, Height, Tty, Interactive && Tty),
                Privileged = Privileged,
            },
        };
    }
}
