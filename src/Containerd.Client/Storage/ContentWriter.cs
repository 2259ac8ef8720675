using Containerd.Client.Transport;
using Containerd.Client.Wire.Content;
using Google.Protobuf;
using Grpc.Core;

namespace Containerd.Client.Storage;

/// <summary>
/// One open write of a blob (content.v1 Write). Written data is kept if it is closed without a commit, so that the next write can resume.
/// </summary>
internal sealed class ContentWriter : IDisposable
{
    private readonly AsyncDuplexStreamingCall<WriteContentRequest, WriteContentResponse> _call;
    private readonly string _reference;
    private readonly long _size;

    private ContentWriter(AsyncDuplexStreamingCall<WriteContentRequest, WriteContentResponse> call, string reference, long size) =>
        (_call, _reference, _size) = (call, reference, size);

    /// <summary>The number of bytes that the daemon has.</summary>
    public long Offset { get; private set; }

    /// <summary>Opens or resumes a write.</summary>
    /// <param name="stub">The calls of the namespace.</param>
    /// <param name="reference">The write's name.</param>
    /// <param name="size">The blob's size in bytes.</param>
    /// <param name="expected">The digest of the blob; null if it is not known.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="abort">
    /// Aborts a write that was started for a caller who has cancelled in the meantime; null to keep it for resuming.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The write; null if the namespace already has the expected blob, which the lease then holds.</returns>
    /// <exception cref="CtrConflictException">ContentLocked: another connection is writing with this reference.</exception>
    public static async Task<ContentWriter?> OpenAsync(
        Content.ContentClient stub,
        string reference,
        long size,
        string? expected,
        DaemonConnection connection,
        Func<Task>? abort,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var writer = new ContentWriter(stub.Write(cancellationToken: CancellationToken.None), reference, size);
        var stat = new WriteContentRequest
        {
            Action = WriteAction.Stat,
            Ref = reference,
            Total = size,
            Expected = expected ?? "",
        };
        // Never cancelled on the wire: the daemon might start the write after the request that aborts it.
        var asking = writer.AskAsync(stat, CancellationToken.None);
        try
        {
            var state = await BackgroundWork
                .CompleteOrUndoAsync(stop => asking.WaitAsync(stop), undo: null, cancellationToken)
                .ConfigureAwait(false);
            writer.Offset = state?.Offset ?? 0;
            if (state is not null)
                return writer;
        }
        catch
        {
            var answer = asking.IsFaulted ? OpenCall.Of(asking.Exception!.InnerException!)?.Answer : asking;
            if (answer is { IsCompleted: false })
                BackgroundWork.Detach(writer.AbandonAsync(answer, abort), connection, holdsUp: true);
            else
                writer.Dispose();
            throw;
        }

        writer.Dispose();
        return null;
    }

    /// <summary>Ends a write that is no longer awaited, once the daemon has started it.</summary>
    private async Task AbandonAsync(Task answer, Func<Task>? abort)
    {
        try
        {
            await answer.ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or CtrException or OperationCanceledException)
        {
            // Rejected, for example because another connection is writing; or the daemon is unavailable.
            abort = null;
        }

        Dispose();
        if (abort is not null)
            await abort().ConfigureAwait(false);
    }

    /// <summary>Adds bytes.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await AskAsync(
                new WriteContentRequest
                {
                    Action = WriteAction.Write,
                    Offset = Offset,
                    Data = UnsafeByteOperations.UnsafeWrap(data),
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        Offset += data.Length;
    }

    /// <summary>Commits the written data as a blob, unless another client was faster. The daemon verifies length and digest.</summary>
    /// <returns>Whether the blob is new.</returns>
    /// <exception cref="CtrDataException">DigestMismatch: it is of another length or digest.</exception>
    public async Task<bool> CommitAsync(string digest, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        var request = new WriteContentRequest
        {
            Action = WriteAction.Commit,
            Offset = Offset,
            Total = _size,
            Expected = digest,
        };
        foreach (var (key, value) in labels ?? new Dictionary<string, string>())
            request.Labels[key] = value;
        return await AskAsync(request, cancellationToken).ConfigureAwait(false) is not null;
    }

    public void Dispose() => _call.Dispose();

    /// <returns>The daemon's answer; null if it already has the blob.</returns>
    private async Task<WriteContentResponse?> AskAsync(WriteContentRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _call.RequestStream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or RpcException)
        {
            // The daemon ended the call early; reading its answer returns the reason.
        }

        try
        {
            if (!await _call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
                throw new RpcException(new Grpc.Core.Status(StatusCode.Internal, "the daemon ended a write without an answer"));
            return _call.ResponseStream.Current;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
        {
            return null;
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var subject = request.Expected.Length > 0 ? request.Expected : _reference;
            throw e.StatusCode switch
            {
                StatusCode.FailedPrecondition when request.Action == WriteAction.Commit => new CtrDataException(
                    $"The data written as {subject} does not match it: {e.Status.Detail}.",
                    e
                )
                {
                    ErrorId = ErrorIds.DigestMismatch,
                    Subject = subject,
                },
                StatusCode.Unavailable when e.Status.Detail.Contains("locked", StringComparison.Ordinal) => new CtrConflictException(
                    $"Another connection is writing {subject}.",
                    e
                )
                {
                    ErrorId = ErrorIds.ContentLocked,
                    Subject = subject,
                    Remedy = "Wait until it is done.",
                },
                _ => RpcErrors.Translate(e, Resource.Content, subject),
            };
        }
    }
}
