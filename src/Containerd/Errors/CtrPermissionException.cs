namespace Containerd;

/// <summary>The caller may not do this (gRPC PERMISSION_DENIED, or the operating system's EACCES and EPERM).</summary>
public sealed class CtrPermissionException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrPermissionException()
        : this("Permission denied.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrPermissionException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrPermissionException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.PermissionDenied;
}
