using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Tells the terminal of a container's process, or of an exec's, its size (libcontainerd's ResizeTerminal).</summary>
[Cmdlet(VerbsCommon.Resize, "CtrTerminal", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class ResizeCtrTerminalCommand : ContainerCmdlet
{
    /// <summary>Columns.</summary>
    [Parameter(Mandatory = true)]
    [ValidateRange(1, 65535)]
    public int Width { get; set; }

    /// <summary>Rows.</summary>
    [Parameter(Mandatory = true)]
    [ValidateRange(1, 65535)]
    public int Height { get; set; }

    /// <summary>An exec in the place of the container's own process.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    /// <summary>Gives the container's task.</summary>
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
