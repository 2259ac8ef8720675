using Containerd.Oci.Images;

namespace Containerd.Oci.Registry;

/// <summary>The download of a blob, starting at any byte. A broken connection is resumed at the byte where it broke.</summary>
internal sealed class BlobDownload(RegistryRepository repository, OciDescriptor blob, long offset, TimeSpan retryDelay) : IAsyncDisposable
{
    // Fewer bytes than this between two failures do not count as progress.
    private const long Worthwhile = 1 << 18;

    private readonly Retries _retries = new(retryDelay);
    private Stream? _body;
    private long _failedAt = offset;

    /// <summary>The host that sends the bytes; null before the first one.</summary>
    public RegistryConnection? Source { get; private set; }

    /// <summary>The number of bytes received, including those before the first one.</summary>
    public long Position { get; private set; } = offset;

    /// <summary>Reads the next bytes; 0 if the blob is complete.</summary>
    /// <exception cref="CtrDataException">LengthMismatch.</exception>
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_body is null)
                    (_body, Source) = await repository.BlobAsync(blob, Position, cancellationToken).ConfigureAwait(false);
                var read = await _body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (read == 0 && Position < blob.Size)
                    throw new RegistryFaultException(
                        RegistryErrors.Length(repository.Subject, $"{blob.Digest} ended after {Position} of {blob.Size} bytes")
                    );
                Position += read;
                if (Position > blob.Size)
                    throw RegistryErrors.Length(
                        repository.Subject,
                        $"{blob.Digest} has more than the {blob.Size} bytes that its descriptor says"
                    );
                return read;
            }
            catch (RegistryFaultException fault)
            {
                await CloseAsync().ConfigureAwait(false);
                if (Position - _failedAt >= Worthwhile)
                    _retries.Reset();
                _failedAt = Position;
                try
                {
                    await _retries.WaitAsync(fault, cancellationToken).ConfigureAwait(false);
                }
                catch (CtrException) when (Source is not null && repository.GiveUpOn(Source))
                {
                    _retries.Reset();
                }
            }
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    private async Task CloseAsync()
    {
        if (_body is not null)
            await _body.DisposeAsync().ConfigureAwait(false);
        _body = null;
    }
}
