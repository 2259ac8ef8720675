using System.Management.Automation;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>
/// Runs a command in a running container (libcontainerd's Exec). Its output goes to the pipeline as lines, what is piped in is its input,
/// its exit
/// code goes to $LASTEXITCODE, and one other than 0 is an error after all output.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "CtrExec", SupportsShouldProcess = true)]
[OutputType(typeof(string), typeof(byte[]), typeof(CtrExecResult), typeof(CtrProcess))]
public sealed class InvokeCtrExecCommand : SessionCmdlet, IProcessParameters, IThrottled
{
    private StandardInput? _input;
    private ProcessPipeline? _process;
    private PipelineWork<ProcessResult>? _running;
    private bool _done;

    /// <summary>The container's id, or an object that belongs to it.</summary>
    [Parameter(Position = 0)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNull]
    public object? Id { get; set; }

    /// <summary>The command and its arguments: everything after --.</summary>
    [Parameter(Position = 1, ValueFromRemainingArguments = true)]
    [ArgumentCompleter(typeof(CommandWordCompleter))]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object?[] Command { get; set; } = [];

    /// <summary>
    /// A container, or a task of one, to run the command in; anything else is the process's input: text as lines, bytes as they are.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>The user: name or number, with a group after a colon.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(UserCompleter))]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>The working directory in the container.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>Environment variables: a hashtable, or NAME=value texts.</summary>
    [Parameter]
    public object[]? Env { get; set; }

    /// <summary>Gives the process a terminal; both of its streams are one then. With -Interactive that terminal is this one.</summary>
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

    /// <summary>The process reads what is typed on the console; without -Tty its end (Ctrl+D) is the process's end of input.</summary>
    [Parameter]
    public SwitchParameter Interactive { get; set; }

    /// <summary>Gives the process all capabilities.</summary>
    [Parameter]
    public SwitchParameter Privileged { get; set; }

    /// <summary>An id for the process in the place of a made-up one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <summary>How long it may run before it is killed: 10 (seconds), 500ms, 1m30s.</summary>
    [Parameter]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; }

    /// <summary>Leaves the process to itself and gives it as an object; Get-CtrLog -ExecId shows its output.</summary>
    [Parameter]
    public SwitchParameter Detach { get; set; }

    /// <summary>Adds the process and does not start it, which Start-CtrExec then does; apart from that as -Detach.</summary>
    [Parameter]
    public SwitchParameter NoStart { get; set; }

    /// <summary>Gives a process that is left to itself a standard input; Send-CtrInput writes to it.</summary>
    [Parameter]
    public SwitchParameter WithStdin { get; set; }

    /// <summary>Standard output as bytes.</summary>
    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>Standard output as one value in the end: a text, or with -AsByteStream a byte array.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <summary>
    /// Specifies where standard error goes: Information (the default), Output (among the lines of standard output), Error (error records,
    /// which set $? to false) or Null. Information is shown on an
    /// interactive console; where the output of pwsh is redirected, the lines go to the standard error of pwsh. 2> and 2>&amp;1 act on it
    /// only with Error.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "Information")]
    public CtrStandardError StandardError { get; set; }

    /// <summary>Exit codes that are no error; 0 alone without it.</summary>
    [Parameter]
    [PSDefaultValue(Help = "0")]
    public int[] AllowExitCode { get; set; } = [0];

    /// <summary>
    /// Indicates that one result object with exit code and output is returned, and no exit code is an error. A command that is not found
    /// (127) or cannot be executed (126) is a result too, with the error id
    /// in ErrorId.
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>
    /// In how many containers of the pipeline the command runs at a time. Above 1 the outputs come mixed, as they are there: -PassThru
    /// keeps them apart.
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
                        "-WithStdin is for a process that is left to itself.",
                        "Give -Detach or -NoStart too, or pipe the input in."
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
        ];
        if (aside && ofTheEnd.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is string meant)
            ThrowTerminatingError(
                ErrorRecords.From(
                    ConflictingParameters.Error(
                        $"-{meant} is for a process that is waited for, and -Detach and -NoStart leave it to itself.",
                        $"Leave -{meant} out, or -Detach and -NoStart."
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
            // The pipeline says where: every word is the command's.
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
        if (Detach || NoStart)
        {
            throw new CtrArgumentException(
                "A process that is left to itself has no piped input: -Detach and -NoStart do not go together with it."
            )
            {
                ErrorId = ErrorIds.DetachWithInput,
                Subject = id,
                Remedy = "Give it an input with -WithStdin, and write to it with Send-CtrInput.",
            };
        }

        if (!ShouldProcess(target.Shown, $"Run {start.Options.Command![0]}"))
            return;
        _input = new StandardInput();
        _process = new ProcessPipeline(this, this, PostAsync);
        var io = _process.Io(_input.Chunks);
        _running = Begin(cancellationToken => ProcessResult.OfAsync(target, () => ns.Execs.RunAsync(id, start, io, cancellationToken)));
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
                cancellationToken => ProcessResult.OfAsync(target, () => ns.Execs.RunAsync(id, start, io, cancellationToken)),
                process.Report
            );
            return;
        }

        // One person types at one terminal: never side by side.
        using var terminal = LocalTerminal.Take();
        var typed = process.Io(terminal.ReadInputAsync());
        process.Report(
            Await(cancellationToken =>
                ProcessResult.OfAsync(target, () =>
                    Tty ? ns.Execs.RunAsync(id, start, terminal, cancellationToken) : ns.Execs.RunAsync(id, start, typed, cancellationToken)
                )
            )
        );
    }

    private ExecStartOptions Start(object?[] words)
    {
        var command = CommandLine.FromWords(words, this);
        if (command.Count == 0)
        {
            throw new CtrArgumentException("There is no command to run.")
            {
                ErrorId = ErrorIds.NoCommand,
                Remedy = "Put it after --, as in Invoke-CtrExec web -- ls -la.",
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
