namespace Containerd;

/// <summary>
/// The object exists already, or is in a state that does not allow the operation (gRPC ALREADY_EXISTS, FAILED_PRECONDITION).
/// </summary>
public sealed class CtrConflictException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrConflictException()
        : this("The object exists already or its state does not allow this.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrConflictException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrConflictException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.Conflict;
}
