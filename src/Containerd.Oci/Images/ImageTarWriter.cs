using System.Formats.Tar;
using Containerd.Oci.Archives;

namespace Containerd.Oci.Images;

/// <summary>Writes files of known length to an archive, always with the same bytes.</summary>
internal sealed class ImageTarWriter(Stream target) : IAsyncDisposable
{
    // The limit of the ustar field.
    private const long LargestUstar = (1L << 33) - 1;

    private readonly TarWriter _tar = new(target, TarEntryFormat.Ustar, leaveOpen: true);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>Whether a file with this name has not been written yet; from now on it counts as written.</summary>
    public bool Take(string name) => _written.Add(name);

    public Task WriteAsync(string name, byte[] data, CancellationToken cancellationToken) =>
        WriteAsync(name, new MemoryStream(data), data.Length, cancellationToken);

    public async Task WriteAsync(string name, Stream data, long length, CancellationToken cancellationToken)
    {
        TarEntry entry =
            length > LargestUstar ? new PaxTarEntry(TarEntryType.RegularFile, name) : new UstarTarEntry(TarEntryType.RegularFile, name);
        entry.Mode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        entry.ModificationTime = DateTimeOffset.UnixEpoch;
        entry.DataStream = length == 0 ? null : new SizedStream(data, length);
        await _tar.WriteEntryAsync(entry, cancellationToken).ConfigureAwait(false);

        // The digest of a blob is compared at its end.
        if (await data.ReadAsync(new byte[1].AsMemory(), cancellationToken).ConfigureAwait(false) != 0)
            throw new InvalidDataException($"The source of {name} is longer than {length} bytes.");
    }

    public ValueTask DisposeAsync() => _tar.DisposeAsync();

    /// <summary>A stream of known length, which the header of a tar must contain before the data.</summary>
    private sealed class SizedStream(Stream data, long length) : ForwardStream
    {
        private long _position;

        public override bool CanSeek => true;

        public override long Length => length;

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var wanted = (int)Math.Min(buffer.Length, length - _position);
            if (wanted == 0)
                return 0;
            var read = await data.ReadAsync(buffer[..wanted], cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new InvalidDataException($"The source ends after {_position} of {length} bytes.");
            _position += read;
            return read;
        }
    }
}
