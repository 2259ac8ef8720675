using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// The parameters that Invoke-CtrExec and Invoke-CtrContainer share: how the streams and the exit code of the process are handled.
/// </summary>
internal interface IProcessParameters
{
    /// <summary>Returns standard output as bytes.</summary>
    public SwitchParameter AsByteStream { get; }

    /// <summary>Returns standard output as one value when the process has exited: a string, or with -AsByteStream a byte array.</summary>
    public SwitchParameter Raw { get; }

    /// <summary>
    /// Specifies where standard error goes: Information (the default), Output (among the lines of standard output), Error (error records,
    /// which set $? to false) or Null. Information is shown on an interactive console; if the output of pwsh is redirected, the lines go to
    /// the standard error of pwsh. 2> and 2>&amp;1 redirect it only with Error.
    /// </summary>
    public CtrStandardError StandardError { get; }

    /// <summary>Specifies the exit codes that are not errors. The default is 0.</summary>
    public int[] AllowExitCode { get; }

    /// <summary>
    /// Returns one result object with the exit code and the output; no exit code is an error. A command that is not found (127) or cannot
    /// be executed (126) is also a result, with the error id in ErrorId.
    /// </summary>
    public SwitchParameter PassThru { get; }

    /// <summary>
    /// Specifies a file that is the input of the process, byte for byte. Wildcard characters in the path have no special meaning.
    /// </summary>
    public string? InFile { get; }

    /// <summary>
    /// Specifies a file for standard output, byte for byte, while it comes. An existing file is overwritten. Wildcard characters in the
    /// path have no special meaning. With -StandardError Output, standard error goes to the same file.
    /// </summary>
    public string? OutFile { get; }

    /// <summary>Specifies a file for standard error, in the same way as -OutFile for standard output.</summary>
    public string? ErrorFile { get; }

    /// <summary>Indicates that -OutFile and -ErrorFile do not overwrite existing files.</summary>
    public SwitchParameter NoClobber { get; }

    public SwitchParameter Tty { get; }

    public SwitchParameter Interactive { get; }
}
