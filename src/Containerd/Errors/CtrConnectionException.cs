namespace Containerd;

/// <summary>
/// The daemon cannot be reached: the socket does not exist, access is denied, no process is listening, or the connection broke.
/// </summary>
public sealed class CtrConnectionException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrConnectionException()
        : this("The daemon cannot be reached.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrConnectionException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrConnectionException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.ConnectionFailed;
}
