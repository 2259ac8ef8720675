namespace Containerd;

/// <summary>
/// A file cannot be read or written, for a reason that lies with its file system: no space, read-only, an error of the device.
/// </summary>
public sealed class CtrFileException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrFileException()
        : this("A file cannot be read or written.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrFileException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrFileException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.FileFailed;
}
