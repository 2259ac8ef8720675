namespace Containerd;

/// <summary>The daemon, the runtime or the platform does not support the operation (gRPC UNIMPLEMENTED).</summary>
public sealed class CtrNotSupportedException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrNotSupportedException()
        : this("The daemon does not support this.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrNotSupportedException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrNotSupportedException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.NotSupported;
}
