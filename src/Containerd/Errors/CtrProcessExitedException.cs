namespace Containerd;

/// <summary>
/// A process ran to its end and its exit code says that it failed. Written after all its output, with the result as the record's target.
/// </summary>
public sealed class CtrProcessExitedException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrProcessExitedException()
        : this("The process exited with a code other than 0.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrProcessExitedException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrProcessExitedException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.ProcessExitedNonZero;

    /// <summary>The process's exit; null on an error made by hand.</summary>
    public CtrExit? Exit { get; init; }
}
