using System.Buffers;

namespace Containerd.PowerShell;

/// <summary>Buffers the bytes of a stream until their line is complete. The bytes are not changed, whatever their encoding.</summary>
/// <param name="longest">The longest incomplete line that is buffered, in bytes; a longer line is passed on in parts.</param>
internal sealed class WholeLines(int longest = WholeLines.DefaultLength)
{
    /// <summary>The default limit.</summary>
    internal const int DefaultLength = 1024 * 1024;

    private const byte LineEnd = (byte)'\n';
    private readonly ArrayBufferWriter<byte> _pending = new();

    /// <summary>Adds the next bytes.</summary>
    /// <param name="chunk">The bytes.</param>
    /// <returns>The lines that they complete, including their line endings.</returns>
    internal ReadOnlyMemory<byte> Add(ReadOnlySpan<byte> chunk)
    {
        var complete = chunk.LastIndexOf(LineEnd) + 1;
        if (complete == 0 && _pending.WrittenCount + chunk.Length <= longest)
        {
            _pending.Write(chunk);
            return ReadOnlyMemory<byte>.Empty;
        }

        if (chunk.Length - complete > longest || complete == 0)
            complete = chunk.Length;
        _pending.Write(chunk[..complete]);
        var lines = Take();
        _pending.Write(chunk[complete..]);
        return lines;
    }

    /// <summary>Ends the stream.</summary>
    /// <returns>The last line, with a line ending added; empty if there is none.</returns>
    internal ReadOnlyMemory<byte> End()
    {
        if (_pending.WrittenCount == 0)
            return ReadOnlyMemory<byte>.Empty;
        _pending.Write([LineEnd]);
        return Take();
    }

    private byte[] Take()
    {
        var taken = _pending.WrittenSpan.ToArray();
        _pending.ResetWrittenCount();
        return taken;
    }
}
