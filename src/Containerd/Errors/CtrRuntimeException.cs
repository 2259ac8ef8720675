namespace Containerd;

/// <summary>The runtime (runc, crun) or the daemon failed at the operation, for the reason in the message.</summary>
public sealed class CtrRuntimeException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrRuntimeException()
        : this("The runtime failed.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrRuntimeException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrRuntimeException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.RuntimeFailed;
}
