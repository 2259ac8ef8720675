namespace Containerd;

/// <summary>A file cannot be read or written because of its file system: no space left, read-only, or a device error.</summary>
public sealed class CtrFileException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrFileException()
        : this("A file cannot be read or written.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrFileException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrFileException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.FileFailed;
}
