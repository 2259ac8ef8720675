using System.ComponentModel;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace Containerd.Host.Errors;

/// <summary>
/// The outermost error mapping of the client: an exception that no other code has converted becomes an error here, with the exception as
/// its cause.
/// </summary>
internal static class ClientErrors
{
    private static Func<Exception, CtrException?> _translate = static _ => null;

    /// <summary>
    /// The exceptions of a public method: cancellation and null arguments, which are mistakes of the calling program, are passed on; all
    /// others become errors.
    /// </summary>
    internal static Exception Escaping(Exception error) =>
        error is OperationCanceledException or ArgumentNullException ? error : Translate(error);

    /// <summary>Adds the exceptions of a higher layer, such as those of gRPC.</summary>
    /// <param name="translate">Returns the error for an exception; null if the layer does not know it.</param>
    internal static void Register(Func<Exception, CtrException?> translate) => _translate = translate;

    /// <summary>The error for an exception.</summary>
    /// <param name="error">The exception.</param>
    /// <returns>The error; the exception itself if it already is one.</returns>
    internal static CtrException Translate(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error switch
        {
            CtrException known => known,
            AggregateException { InnerExceptions: [var only] } => Translate(only),
            _ when _translate(error) is { } own => own,
            OperationCanceledException or TimeoutException => new CtrTimeoutException($"The operation timed out: {error.Message}", error)
            {
                RemedyId = "CallTimeout",
                Remedy = "Try again, with a longer timeout.",
            },
            ObjectDisposedException => new CtrConnectionException($"The session was closed during the operation: {error.Message}", error)
            {
                ErrorId = ErrorIds.SessionClosed,
                Remedy = "Open a new session.",
            },
            ArgumentException => new CtrArgumentException($"An argument is not valid: {error.Message}", error)
            {
                ErrorId = ErrorIds.InvalidArgument,
            },
            HttpRequestException or SocketException => new CtrConnectionException($"The connection failed: {error.Message}", error)
            {
                Remedy = "Check the address and the network.",
            },
            UnauthorizedAccessException => new CtrPermissionException($"Access was denied: {error.Message}", error),
            JsonException
            or FormatException
            or OverflowException
            or InvalidDataException
            or CryptographicException
            or EndOfStreamException => new CtrDataException($"The data cannot be read: {error.Message}", error)
            {
                ErrorId = ErrorIds.InvalidData,
            },
            Win32Exception => new CtrFileException($"The operating system refused an operation: {error.Message}", error)
            {
                ErrorId = ErrorIds.SystemCallFailed,
            },
            IOException => new CtrFileException($"A file or stream failed: {error.Message}", error)
            {
                ErrorId = ErrorIds.InputOutputFailed,
            },
            OutOfMemoryException => new CtrException($"There is not enough memory for this: {error.Message}", error)
            {
                ErrorId = ErrorIds.OutOfMemory,
            },
            PlatformNotSupportedException or NotSupportedException => new CtrNotSupportedException(
                $"This is not supported: {error.Message}",
                error
            )
            {
                ErrorId = ErrorIds.NotSupported,
            },
            _ => Unexpected(error),
        };
    }

    private static CtrException Unexpected(Exception error) =>
        new($"An unexpected error occurred: {error.Message}", error)
        {
            ErrorId = ErrorIds.UnexpectedError,
            Remedy = "This is a bug in this library: report it with the full text of the exception.",
        };
}
