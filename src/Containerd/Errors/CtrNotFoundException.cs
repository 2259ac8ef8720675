namespace Containerd;

/// <summary>A container, task, exec, image or other object does not exist (gRPC NOT_FOUND).</summary>
public sealed class CtrNotFoundException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrNotFoundException()
        : this("The object does not exist.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrNotFoundException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrNotFoundException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.NotFound;
}
