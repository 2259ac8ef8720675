namespace Containerd;

/// <summary>
/// The object exists already, or is in a state that does not allow the operation (gRPC ALREADY_EXISTS, FAILED_PRECONDITION).
/// </summary>
public sealed class CtrConflictException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrConflictException()
        : this("The object exists already or its state does not allow this.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrConflictException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrConflictException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.Conflict;
}
