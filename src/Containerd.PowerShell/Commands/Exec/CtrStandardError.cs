namespace Containerd.PowerShell;

/// <summary>Where a process's standard error goes.</summary>
public enum CtrStandardError
{
    /// <summary>
    /// To the information stream; each record is tagged <c>StandardError</c>. An interactive console shows the records; in a console host
    /// whose output is redirected, the lines go to file descriptor 2.
    /// </summary>
    Information,

    /// <summary>To the pipeline, among the lines of standard output.</summary>
    Output,

    /// <summary>To the error stream, a record for each line.</summary>
    Error,

    /// <summary>Nowhere.</summary>
    Null,
}
