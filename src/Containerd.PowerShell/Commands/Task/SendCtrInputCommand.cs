using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Writes to the standard input of a container's process or of an exec, whichever client started it.</summary>
[Cmdlet(VerbsCommunications.Send, "CtrInput", SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class SendCtrInputCommand : SessionCmdlet
{
    private StandardInput? _input;
    private ContainerTarget? _target;
    private PipelineWork<bool>? _writing;

    /// <inheritdoc cref="InvokeCtrExecCommand.Id"/>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNull]
    public object? Id { get; set; }

    /// <summary>Specifies what to write: text as lines, bytes unchanged.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <inheritdoc cref="SendCtrSignalCommand.ExecId"/>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <summary>Indicates that standard input is closed afterwards.</summary>
    [Parameter]
    public SwitchParameter Close { get; set; }

    /// <inheritdoc cref="SendCtrSignalCommand.PassThru"/>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void BeginProcessing() => Try(Id, () =>
        {
            var target = TargetArgument.Read(Id, this);
            var execId = ExecId ?? target.ExecId;
            if (!ShouldProcess(execId is null ? target.Shown : $"{target.Shown}/{execId}", "Write to standard input"))
                return;
            _target = target;
            _input = new StandardInput();
            _writing = Begin(async cancellationToken =>
            {
                await target.Namespace.Tasks.WriteInputAsync(target.Id, _input.Chunks, execId, cancellationToken).ConfigureAwait(false);
                return true;
            });
        });

    protected override void ProcessRecord()
    {
        if (_writing is null || !StandardInput.IsGiven(MyInvocation))
            return;
        foreach (var item in StandardInput.Items(InputObject, MyInvocation))
            _writing.PumpUntil(_input!.WriteAsync(item, StopToken));
    }

    protected override void EndProcessing()
    {
        if (_writing is null)
            return;
        _input!.End();
        Try(Id, () =>
        {
            Finish(_writing);
            if (Close)
                Await(cancellationToken =>
                    _target!.Namespace.Tasks.CloseInputAsync(_target.Id, ExecId ?? _target.ExecId, cancellationToken)
                );
            if (PassThru)
                WriteObject(Await(cancellationToken => _target!.Namespace.Tasks.GetAsync(_target.Id, cancellationToken)));
        });
    }

    protected override void Dispose(bool disposing)
    {
        _writing?.Dispose();
        base.Dispose(disposing);
    }
}
