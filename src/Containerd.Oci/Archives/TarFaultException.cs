namespace Containerd.Oci.Archives;

/// <summary>
/// A tar breaks its format, uses a form that is not supported, or exceeds a limit. The message completes "the archive cannot be used: …".
/// </summary>
internal sealed class TarFaultException(string message, Exception? innerException = null) : FormatException(message, innerException)
{
    /// <summary>Whether the block is not a header, as in any file that is not a tar.</summary>
    internal bool IsHeaderBroken { get; init; }
}
