namespace Containerd;

/// <summary>An argument cannot be used: an id, size, spec or path that does not parse or is not allowed (gRPC INVALID_ARGUMENT).</summary>
public sealed class CtrArgumentException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrArgumentException()
        : this("An argument cannot be used.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrArgumentException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrArgumentException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.InvalidArgument;
}
