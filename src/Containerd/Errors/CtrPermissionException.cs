namespace Containerd;

/// <summary>Access is denied (gRPC PERMISSION_DENIED, or EACCES and EPERM of the operating system).</summary>
public sealed class CtrPermissionException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrPermissionException()
        : this("Permission denied.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrPermissionException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrPermissionException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.PermissionDenied;
}
