using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>What New-CtrTask and Start-CtrTask share: the parameters that choose a task's streams.</summary>
public abstract class TaskStartCmdlet : ThrottledContainerCmdlet, IStreamParameters
{
    /// <summary>A file for the task's output, both streams in one; without it the module keeps them itself, one file per stream.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Throws the task's output away.</summary>
    [Parameter]
    public SwitchParameter NoLog { get; set; }

    /// <summary>
    /// How the output is kept: Plain, as it is (the default), or Timestamped, with the time and stream of each line, for Get-CtrLog -Since,
    /// -Until and -Timestamps. A
    /// timestamped log can have a limited size, costs a small process per task, and goes with -WithStdin only on a terminal.
    /// </summary>
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

    /// <summary>Gives the task a standard input; Send-CtrInput writes to it.</summary>
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
