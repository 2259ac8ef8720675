namespace Containerd;

/// <summary>The daemon, runtime or platform does not have what the operation needs (gRPC UNIMPLEMENTED).</summary>
public sealed class CtrNotSupportedException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrNotSupportedException()
        : this("The daemon does not support this.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrNotSupportedException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrNotSupportedException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.NotSupported;
}
