namespace Containerd;

/// <summary>
/// A process exited with an exit code that indicates failure, or a task exited before its container was ready. An error about an exit code
/// is written after all output of the process; the target of its record is the result.
/// </summary>
public sealed class CtrProcessExitedException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrProcessExitedException()
        : this("The process exited with a code other than 0.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrProcessExitedException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrProcessExitedException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.ProcessExitedNonZero;

    /// <summary>The exit of the process, without a code if that is not known; null on an error that the user created.</summary>
    public CtrExit? Exit { get; init; }
}
