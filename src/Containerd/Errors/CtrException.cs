namespace Containerd;

/// <summary>
/// The base of every error that this module reports: what went wrong, a stable identifier for scripts, and what to do about it. Names in a
/// message may come from
/// containers, images and archives: control characters in it are made visible. <see cref="Subject"/> has the exact name.
/// </summary>
public class CtrException : Exception
{
    private readonly string? _remedy;

    /// <summary>Makes an error with a general message.</summary>
    public CtrException()
        : this("The operation failed.") { }

    /// <summary>Makes an error with a message.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public CtrException(string message)
        : base(CtrText.Visible(message)) { }

    /// <summary>Makes an error with a message and its cause.</summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    /// <param name="innerException">What caused it.</param>
    public CtrException(string message, Exception? innerException)
        : base(CtrText.Visible(message), innerException) { }

    /// <summary>
    /// A stable PascalCase name of the failure, such as <c>ContainerNotFound</c>: the first part of PowerShell's FullyQualifiedErrorId.
    /// </summary>
    public string ErrorId { get; init; } = ErrorIds.OperationFailed;

    /// <summary>What the caller can do about it, as one sentence; null where there is no advice to give.</summary>
    public string? Remedy
    {
        get => _remedy;
        init => _remedy = value is null ? null : CtrText.Visible(value);
    }

    /// <summary>
    /// A stable PascalCase name of the remedy where errors of one id have several, such as <c>AllowOpenTcp</c>: a program that has its own
    /// words for what to do finds them by both names. Null where the error id is enough.
    /// </summary>
    public string? RemedyId { get; init; }

    /// <summary>The id, name, path or address that the error is about; null where it is about none.</summary>
    public string? Subject { get; init; }
}
