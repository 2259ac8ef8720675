using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The base of New-CtrTask and Start-CtrTask: the parameters for a task's streams.</summary>
public abstract class TaskStartCmdlet : ThrottledContainerCmdlet, IStreamParameters
{
    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public SwitchParameter NoLog { get; set; }

    /// <summary>
    /// Specifies the format of the stored output: Plain (the default) stores it unchanged, and Timestamped stores the time and the stream
    /// of each line, for Get-CtrLog -Since, -Until and -Timestamps. A timestamped log can have a size limit, needs a small process for each
    /// task, and can be combined with -WithStdin only if the task has a terminal.
    /// </summary>
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

    /// <summary>Indicates that the task has standard input. Send-CtrInput writes to it.</summary>
    [Parameter]
    public SwitchParameter WithStdin { get; set; }

    /// <summary>
    /// Specifies the width of the terminal, in columns, for a container that was created with -Tty. The default is 80 if you specify
    /// -Height.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Width { get; set; }

    /// <summary>
    /// Specifies the height of the terminal, in rows, for a container that was created with -Tty. The default is 24 if you specify -Width.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Height { get; set; }

    CtrSize? IStreamParameters.LogMaxSize => this.IfGiven(LogMaxSize);

    private protected TaskStartOptions TaskStartOptions() =>
        ((IStreamParameters)this).Start(MyInvocation.BoundParameters, ResolvePath) with
        {
            ConsoleSize = TerminalSize.Read(Width, Height, hasTerminal: true),
        };
}
