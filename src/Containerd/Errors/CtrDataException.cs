namespace Containerd;

/// <summary>
/// Data is damaged or is not what it claims to be: a digest that differs, an archive cut off, a manifest that does not parse.
/// </summary>
public sealed class CtrDataException : CtrException
{
    /// <summary>Creates the error with a general message.</summary>
    public CtrDataException()
        : this("The data is damaged.") { }

    /// <summary>Creates the error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrDataException(string message)
        : this(message, null) { }

    /// <summary>Creates the error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrDataException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.InvalidData;
}
