namespace Containerd;

/// <summary>
/// Data is damaged or is not what it claims to be: a digest that differs, an archive cut off, a manifest that does not parse.
/// </summary>
public sealed class CtrDataException : CtrException
{
    /// <summary>Makes the error with a general message.</summary>
    public CtrDataException()
        : this("The data is damaged.") { }

    /// <summary>Makes the error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrDataException(string message)
        : this(message, null) { }

    /// <summary>Makes the error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrDataException(string message, Exception? innerException)
        : base(message, innerException) => ErrorId = ErrorIds.InvalidData;
}
