namespace Containerd;

/// <summary>An argument cannot be used: an id, size, spec or path that does not parse or is not allowed (gRPC INVALID_ARGUMENT).</summary>
public sealed class CtrArgumentException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrArgumentException()
        : this("An argument cannot be used.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrArgumentException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrArgumentException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.InvalidArgument;
}
