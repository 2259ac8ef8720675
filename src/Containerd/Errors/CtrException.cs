namespace Containerd;

/// <summary>
/// The base class of every error that this module reports: a message, a stable id for scripts, and what to do about the error. Names in a
/// message may come from containers, images and archives: control characters in it are made visible. <see cref="Subject"/> contains the
/// exact name.
/// </summary>
public class CtrException : Exception
{
    private readonly string? _remedy;

    /// <summary>Creates an error with a general message.</summary>
    public CtrException()
        : this("The operation failed.") { }

    /// <summary>Creates an error with a message.</summary>
    /// <param name="message">The message, in one sentence.</param>
    public CtrException(string message)
        : base(CtrText.Visible(message)) { }

    /// <summary>Creates an error with a message and its cause.</summary>
    /// <param name="message">The message, in one sentence.</param>
    /// <param name="innerException">The exception that caused the error.</param>
    public CtrException(string message, Exception? innerException)
        : base(CtrText.Visible(message), innerException) { }

    /// <summary>
    /// A stable PascalCase name of the failure, such as <c>ContainerNotFound</c>: the first part of PowerShell's FullyQualifiedErrorId.
    /// </summary>
    public string ErrorId { get; init; } = ErrorIds.OperationFailed;

    /// <summary>What the caller can do about the error, as one sentence; null if there is no advice.</summary>
    public string? Remedy
    {
        get => _remedy;
        init => _remedy = value is null ? null : CtrText.Visible(value);
    }

    /// <summary>
    /// A stable PascalCase name of the remedy, for error ids with several remedies, such as <c>AllowOpenTcp</c>: a program with its own
    /// advice finds it by both names. Null if the error id is sufficient.
    /// </summary>
    public string? RemedyId { get; init; }

    /// <summary>The id, name, path or address that the error is about; null if there is none.</summary>
    public string? Subject { get; init; }
}
