namespace Containerd;

/// <summary>The runtime (runc, crun) or the daemon failed to do the operation. The message contains the reason.</summary>
public sealed class CtrRuntimeException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrRuntimeException()
        : this("The runtime failed.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrRuntimeException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrRuntimeException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.RuntimeFailed;
}
