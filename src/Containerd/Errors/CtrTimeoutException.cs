namespace Containerd;

/// <summary>The operation timed out.</summary>
public sealed class CtrTimeoutException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrTimeoutException()
        : this("The operation took too long.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrTimeoutException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrTimeoutException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.TimedOut;
}
