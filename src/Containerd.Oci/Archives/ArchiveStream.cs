using System.IO.Compression;
using ZstdSharp;

namespace Containerd.Oci.Archives;

/// <summary>The tar of an archive, uncompressed or compressed with gzip or zstd, as a forward-only stream that counts its bytes.</summary>
internal sealed class ArchiveStream : Stream
{
    private readonly CountedStream _file;
    private readonly Stream _data;
    private long _position;

    private ArchiveStream(CountedStream file, Stream data) => (_file, _data) = (file, data);

    /// <summary>How many bytes of the file were read.</summary>
    public long BytesRead => _file.BytesRead;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public static async Task<ArchiveStream> OpenAsync(Stream file, CancellationToken cancellationToken)
    {
        var head = new byte[4];
        var length = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var counted = new CountedStream(head.AsMemory(0, length), file);
        Stream data = head switch
        {
            [0x1f, 0x8b, ..] => new GZipStream(counted, CompressionMode.Decompress),
            [0x28, 0xb5, 0x2f, 0xfd] or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18] => new DecompressionStream(counted),
            _ => counted,
        };
        return new ArchiveStream(counted, data);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _data.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        var read = _data.Read(buffer);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !ReferenceEquals(_data, _file))
            _data.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The file: the bytes that were examined first, then the rest, with a counter.</summary>
    private sealed class CountedStream(ReadOnlyMemory<byte> head, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> _head = head;
        private byte[]? _pipeBuffer;

        public long BytesRead { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => BytesRead;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read =
                !_head.IsEmpty ? TakeHead(buffer.Span)
                : rest.CanSeek ? await rest.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)
                : await ReadPipeAsync(buffer, cancellationToken).ConfigureAwait(false);
            BytesRead += read;
            return read;
        }

        // A read of a FIFO cannot be cancelled. It gets a separate buffer, so that it can be abandoned.
        private async ValueTask<int> ReadPipeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            _pipeBuffer ??= new byte[1 << 16];
            var read = await rest.ReadAsync(_pipeBuffer.AsMemory(0, Math.Min(buffer.Length, _pipeBuffer.Length)), CancellationToken.None)
                .AsTask()
                .WaitAsync(cancellationToken)
                .ConfigureAwait(false);
            _pipeBuffer.AsMemory(0, read).CopyTo(buffer);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(Span<byte> buffer)
        {
            var read = _head.IsEmpty ? rest.Read(buffer) : TakeHead(buffer);
            BytesRead += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int TakeHead(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, _head.Length);
            _head.Span[..count].CopyTo(buffer);
            _head = _head[count..];
            return count;
        }
    }
}
