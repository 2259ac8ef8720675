namespace Containerd;

/// <summary>A container, task, exec, image or other object does not exist (gRPC NOT_FOUND).</summary>
public sealed class CtrNotFoundException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrNotFoundException()
        : this("The object does not exist.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrNotFoundException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrNotFoundException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.NotFound;
}
