using System.Text.RegularExpressions;
using Grpc.Core;

namespace Containerd.Client.Transport;

/// <summary>Converts errors of gRPC to those of the client: the only code that decides the meaning of a status and its remedy.</summary>
internal static partial class RpcErrors
{
    /// <summary>
    /// The error for an exception of gRPC or its messages that no other code has translated; null for any other exception.
    /// </summary>
    internal static CtrException? TranslateUnknown(Exception error) =>
        error switch
        {
            RpcException failed => Translate(failed, Resource.Daemon, null) as CtrException,
            Google.Protobuf.InvalidProtocolBufferException => new CtrDataException($"The data cannot be read: {error.Message}", error)
            {
                ErrorId = ErrorIds.InvalidData,
            },
            _ => null,
        };

    /// <summary>Awaits a call about one resource; a failure becomes the matching <see cref="CtrException"/>.</summary>
    internal static async Task<T> TranslateErrors<T>(this AsyncUnaryCall<T> call, Resource resource, string? id = null)
    {
        using (call)
        {
            try
            {
                return await call.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                throw Translate(e, resource, id);
            }
        }
    }

    /// <summary>The client's error for a failed call.</summary>
    internal static Exception Translate(RpcException error, Resource resource, string? id)
    {
        var detail = error.Status.Detail;
        return error.StatusCode switch
        {
            // The caller's own cancellation is an OperationCanceledException; this one comes from a stopping daemon.
            StatusCode.Cancelled => Unavailable(error),
            StatusCode.NotFound when detail.Contains("lease does not exist", StringComparison.Ordinal) => new CtrNotFoundException(
                "The lease for this operation no longer exists: it expired or was removed.",
                error
            )
            {
                ErrorId = ErrorIds.LeaseNotFound,
                Subject = id,
            },
            StatusCode.NotFound => NotFound(resource, id, error),
            StatusCode.AlreadyExists => Exists(resource, id, error),
            StatusCode.FailedPrecondition or StatusCode.Aborted => new CtrConflictException(
                $"{Name(resource, id)} is not in a state that allows this operation: {detail}.",
                error
            )
            {
                ErrorId = ResourceErrorIds.Conflict(resource),
                Subject = id,
            },
            StatusCode.InvalidArgument when Snapshotter().Match(detail) is { Success: true } missing => new CtrNotFoundException(
                $"The daemon has no snapshotter '{missing.Groups[1].Value}'.",
                error
            )
            {
                ErrorId = ErrorIds.SnapshotterNotFound,
                Subject = missing.Groups[1].Value,
                Remedy = "Use an available snapshotter of the daemon.",
            },
            StatusCode.InvalidArgument or StatusCode.OutOfRange => new CtrArgumentException(
                $"containerd refused an argument: {detail}.",
                error
            )
            {
                ErrorId = ErrorIds.InvalidArgument,
                Subject = id,
            },
            StatusCode.PermissionDenied or StatusCode.Unauthenticated => new CtrPermissionException(
                $"containerd does not allow this: {detail}.",
                error
            )
            {
                Subject = id,
            },
            StatusCode.DeadlineExceeded => TimeoutErrors.Explain(error, resource, id),
            StatusCode.ResourceExhausted when detail.Contains("message", StringComparison.OrdinalIgnoreCase) => new CtrDataException(
                $"{Name(resource, id)}: the request or the answer exceeds the limit of 16 MiB for a message to containerd "
                    + $"({detail.TrimEnd('.')}).",
                error
            )
            {
                ErrorId = ErrorIds.MessageTooLarge,
                Subject = id,
                Remedy = "Request less at a time, or reduce the size of the objects, such as their labels or specs.",
            },
            StatusCode.Unimplemented => ServiceVersions.Missing(error, id),
            StatusCode.Unavailable => Unavailable(error),
            StatusCode.Internal when error.Status.DebugException is HttpRequestException or IOException => Unavailable(error),
            _ => new CtrRuntimeException($"{Name(resource, id)}: {detail}", error)
            {
                ErrorId = ResourceErrorIds.Failed(resource),
                Subject = id,
            },
        };
    }

    /// <summary>Whether the daemon became unavailable during a call, so that a new call may succeed.</summary>
    internal static bool IsConnectionLoss(this RpcException error) =>
        error.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled
        || (error.StatusCode == StatusCode.Internal && error.Status.DebugException is HttpRequestException or IOException);

    /// <summary>Whether no answer arrived: the daemon may have carried out, or may still carry out, the request.</summary>
    internal static bool IsUnanswered(this CtrException error) => error is CtrConnectionException || SilenceException.Of(error) is not null;

    /// <inheritdoc cref="IsShimLoss(RpcException)"/>
    internal static bool IsShimLoss(this CtrException error) => error.InnerException is RpcException cause && cause.IsShimLoss();

    /// <summary>Whether the shim, which holds the task, died under a call.</summary>
    internal static bool IsShimLoss(this RpcException error) =>
        error.StatusCode == StatusCode.Unknown && error.Status.Detail.Contains("ttrpc: closed", StringComparison.Ordinal);

    /// <summary>The resource for a sentence: <c>The container 'web'</c>.</summary>
    internal static string Name(Resource resource, string? id)
    {
        var noun = resource switch
        {
            Resource.Daemon => "The daemon",
            Resource.Task => "The task of container",
            Resource.Exec => "The exec",
            _ => "The " + resource.ToString().ToLowerInvariant(),
        };
        return id is null ? noun : $"{noun} '{id}'";
    }

    private static Exception Unavailable(RpcException error) =>
        // The connect callback's error is more informative than the status.
        Innermost<CtrException>(error)
        ?? new CtrConnectionException("The daemon stopped, or cannot be reached.", error)
        {
            ErrorId = ErrorIds.DaemonUnavailable,
            Remedy = "Check whether containerd is running; the session works again as soon as it is.",
        };

    private static T? Innermost<T>(RpcException error)
        where T : Exception
    {
        for (var e = error.Status.DebugException; e is not null; e = e.InnerException)
        {
            if (e is T wanted)
                return wanted;
        }

        return null;
    }

    internal static CtrConflictException Exists(Resource resource, string? id, Exception? cause = null) =>
        new($"{Name(resource, id)} already exists.", cause)
        {
            ErrorId = ResourceErrorIds.Exists(resource),
            Subject = id,
            RemedyId = resource == Resource.Task ? "Remove" : null,
            Remedy = Remedies.Exists(resource),
        };

    internal static CtrNotFoundException NotFound(Resource resource, string? id, Exception? cause = null)
    {
        var message = resource switch
        {
            Resource.Task => $"Container '{id}' has no task.",
            Resource.Daemon => "The daemon does not have it.",
            _ => $"There is no {resource.ToString().ToLowerInvariant()} '{id}'.",
        };
        return new CtrNotFoundException(message, cause)
        {
            ErrorId = ResourceErrorIds.NotFound(resource),
            Subject = id,
            RemedyId = resource == Resource.Task ? "Start" : null,
            Remedy = Remedies.NotFound(resource),
        };
    }

    [GeneratedRegex("^snapshotter not loaded: ([^:]+)")]
    private static partial Regex Snapshotter();
}
