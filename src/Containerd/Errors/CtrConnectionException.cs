namespace Containerd;

/// <summary>The daemon cannot be reached: no socket, no permission, nobody listening, or the connection broke.</summary>
public sealed class CtrConnectionException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrConnectionException()
        : this("The daemon cannot be reached.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrConnectionException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrConnectionException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.ConnectionFailed;
}
