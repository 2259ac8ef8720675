using System.Text;

namespace Containerd.Client;

/// <summary>Makes lines of UTF-8 as it comes in, whatever the chunks cut apart. Bytes that are no UTF-8 become U+FFFD.</summary>
public sealed class LineSplitter
{
    private readonly Decoder _decoder = new UTF8Encoding(false, false).GetDecoder();
    private readonly StringBuilder _pending = new();

    /// <summary>Takes the next bytes.</summary>
    /// <param name="chunk">The bytes.</param>
    /// <returns>The lines that are complete with them, without their ends.</returns>
    public IReadOnlyList<string> Add(ReadOnlySpan<byte> chunk)
    {
        var chars = new char[_decoder.GetCharCount(chunk, flush: false)];
        _decoder.GetChars(chunk, chars, flush: false);
        var lines = new List<string>();
        var rest = chars.AsSpan();
        while (rest.IndexOf('\n') is var end and >= 0)
        {
            _pending.Append(rest[..end]);
            lines.Add(Take());
            rest = rest[(end + 1)..];
        }

        _pending.Append(rest);
        return lines;
    }

    /// <summary>Takes the stream's end.</summary>
    /// <returns>The last line, where the stream did not end it; null when there is none.</returns>
    public string? End()
    {
        var chars = new char[_decoder.GetCharCount([], flush: true)];
        _decoder.GetChars([], chars, flush: true);
        _pending.Append(chars);
        return _pending.Length > 0 ? Take() : null;
    }

    private string Take()
    {
        var length = _pending.Length > 0 && _pending[^1] == '\r' ? _pending.Length - 1 : _pending.Length;
        var line = _pending.ToString(0, length);
        _pending.Clear();
        return line;
    }
}
