using System.Text.Json;

namespace Containerd.Host.Networks.Requests;

/// <summary>
/// An error of the helper program: one line of JSON on its standard output, which runc reports, and the same in a file, because crun does
/// not.
/// </summary>
internal sealed record NetworkFailure
{
    private const string Start = "{\"failure\":\"";

    /// <summary>The error id.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("failure")]
    [System.Text.Json.Serialization.JsonPropertyOrder(-1)]
    public string ErrorId { get; init; } = "";

    /// <summary>The kind of exception: Conflict, NotFound, Argument, Data, Timeout, NotSupported, Permission, File, Runtime.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The message.</summary>
    public string Message { get; init; } = "";

    /// <summary>The object that the message is about.</summary>
    public string? Subject { get; init; }

    /// <summary>What the caller can do.</summary>
    public string? Remedy { get; init; }

    /// <summary>The name of the remedy.</summary>
    public string? RemedyId { get; init; }

    /// <summary>The failure that an exception stands for.</summary>
    internal static NetworkFailure Of(CtrException error) =>
        new()
        {
            ErrorId = error.ErrorId,
            Kind = error switch
            {
                CtrConflictException => nameof(CtrConflictException),
                CtrNotFoundException => nameof(CtrNotFoundException),
                CtrArgumentException => nameof(CtrArgumentException),
                CtrDataException => nameof(CtrDataException),
                CtrTimeoutException => nameof(CtrTimeoutException),
                CtrNotSupportedException => nameof(CtrNotSupportedException),
                CtrPermissionException => nameof(CtrPermissionException),
                CtrFileException => nameof(CtrFileException),
                _ => nameof(CtrRuntimeException),
            },
            Message = error.Message,
            Subject = error.Subject,
            Remedy = error.Remedy,
            RemedyId = error.RemedyId,
        };

    /// <summary>Finds the line in the error of a runtime.</summary>
    /// <param name="text">The runtime's message.</param>
    /// <returns>The failure; null if the text has none.</returns>
    internal static NetworkFailure? Find(string text)
    {
        // containerd or the shim may have quoted the message.
        foreach (
            var candidate in (string[])
                [text, text.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)]
        )
        {
            if (
                candidate.IndexOf(Start, StringComparison.Ordinal) is var at and >= 0
                && Read(System.Text.Encoding.UTF8.GetBytes(candidate[at..])) is { } found
            )
                return found;
        }

        return null;
    }

    /// <summary>Reads the file of a failed attachment.</summary>
    /// <returns>The failure; null if there is none.</returns>
    internal static NetworkFailure? ReadFile(NetworkFolders folders, string attachment)
    {
        try
        {
            return Read(File.ReadAllBytes(folders.FailureOf(attachment)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The line.</summary>
    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, NetworkJson.CreateReadable().NetworkFailure);

    /// <summary>The exception.</summary>
    /// <param name="cause">The exception of the runtime; null if there is none.</param>
    internal CtrException ToException(Exception? cause) =>
        Kind switch
        {
            nameof(CtrConflictException) => new CtrConflictException(Message, cause)
            {
                ErrorId = ErrorId,
                Subject = Subject,
                Remedy = Remedy,
                RemedyId = RemedyId,
            },
            nameof(CtrNotFoundException) => new CtrNotFoundException(Message, cause)
            {
                ErrorId = ErrorId,
                Subject = Subject,
                Remedy = Remedy,
                RemedyId = RemedyId,
            },
            nameof(CtrArgumentException) => new CtrArgumentException(Message, cause)
            {
                ErrorId = ErrorId,
                Subject = Subject,
                Remedy = Remedy,
                RemedyId = RemedyId,
            },
            nameof(CtrDataException) => new CtrDataException(Message, cause)
            {
                ErrorId = ErrorId,
                Subject = Subject,
                Remedy = Remedy,
                RemedyId = RemedyId,
            },
            nameof(CtrTimeoutException) => new CtrTimeoutException(Message, cause)
            {
                ErrorId = ErrorId,
                Subject = Subject,
                Remedy = Remedy,
                RemedyId = RemedyId,
            },
            nameof(CtrNotSupportedException) => new CtrNotSupportedException(Message, cause)
            {
                ErrorId = ErrorId,
                Subject = Subject,
                Remedy = Remedy,
                RemedyId = RemedyId,
            },
            nameof(CtrPermissionException) => new CtrPermissionException(Message, cause)
            {
                ErrorId = ErrorId,
                Subject = Subject,
                Remedy = Remedy,
                RemedyId = RemedyId,
            },
            nameof(CtrFileException) => new CtrFileException(Message, cause)
            {
                ErrorId = ErrorId,
                Subject = Subject,
                Remedy = Remedy,
                RemedyId = RemedyId,
            },
            _ => new CtrRuntimeException(Message, cause)
            {
                ErrorId = ErrorId,
                Subject = Subject,
                Remedy = Remedy,
                RemedyId = RemedyId,
            },
        };

    private static NetworkFailure? Read(byte[] text)
    {
        try
        {
            // Other text follows.
            var reader = new Utf8JsonReader(text);
            return
                JsonSerializer.Deserialize(ref reader, NetworkJson.Default.NetworkFailure) is { ErrorId: not null, Message: not null } found
                ? found
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
