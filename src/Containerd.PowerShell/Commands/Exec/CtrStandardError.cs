namespace Containerd.PowerShell;

/// <summary>The destination of a process's standard error.</summary>
public enum CtrStandardError
{
    /// <summary>
    /// To the information stream; each record is tagged <c>StandardError</c>. An interactive console shows the records; if the output of
    /// the console host is redirected, the lines go to file descriptor 2.
    /// </summary>
    Information,

    /// <summary>To the pipeline, among the lines of standard output.</summary>
    Output,

    /// <summary>To the error stream, one record for each line.</summary>
    Error,

    /// <summary>Standard error is discarded.</summary>
    Null,
}
