namespace Containerd;

/// <summary>A deadline passed before the operation ended.</summary>
public sealed class CtrTimeoutException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrTimeoutException()
        : this("The operation took too long.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrTimeoutException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrTimeoutException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.TimedOut;
}
