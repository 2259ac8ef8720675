using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Sets the size of the terminal of a container's process or of an exec. Corresponds to libcontainerd's ResizeTerminal.</summary>
[Cmdlet(VerbsCommon.Resize, "CtrTerminal", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class ResizeCtrTerminalCommand : ContainerCmdlet
{
    /// <summary>Specifies the new width, in columns.</summary>
    [Parameter(Mandatory = true)]
    [ValidateRange(1, 65535)]
    public int Width { get; set; }

    /// <summary>Specifies the new height, in rows.</summary>
    [Parameter(Mandatory = true)]
    [ValidateRange(1, 65535)]
    public int Height { get; set; }

    /// <inheritdoc cref="SendCtrSignalCommand.ExecId"/>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <inheritdoc cref="SendCtrSignalCommand.PassThru"/>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var execId = ExecId ?? target.ExecId;
            if (ShouldProcess(execId is null ? target.Shown : $"{target.Shown}/{execId}", $"Resize terminal to {Width} x {Height}"))
                Do(
                    target,
                    cancellationToken => target.Namespace.Tasks.ResizeAsync(target.Id, Width, Height, execId, cancellationToken),
                    PassThru
                );
        });
}
