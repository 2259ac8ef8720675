using System.Text;

namespace Containerd.Host;

/// <summary>
/// Splits UTF-8 data into lines, independent of chunk boundaries. Bytes that are not UTF-8 become U+FFFD. A line that exceeds the limit is
/// split: an untrusted process must not exhaust memory with a single line.
/// </summary>
/// <param name="maxLength">The maximum number of characters of a line.</param>
public sealed class LineSplitter(int maxLength = LineSplitter.DefaultLength)
{
    /// <summary>The default limit for the characters of a line.</summary>
    public const int DefaultLength = 32 * 1024 * 1024;

    private readonly Decoder _decoder = new UTF8Encoding(false, false).GetDecoder();
    private readonly StringBuilder _pending = new();
    private bool _isRest;

    /// <summary>The number of lines that exceeded the limit and were split.</summary>
    public int Split { get; private set; }

    /// <summary>Adds the next bytes.</summary>
    /// <param name="chunk">The bytes.</param>
    /// <returns>The lines that they complete, without line endings.</returns>
    public IReadOnlyList<string> Add(ReadOnlySpan<byte> chunk)
    {
        var chars = new char[_decoder.GetCharCount(chunk, flush: false)];
        _decoder.GetChars(chunk, chars, flush: false);
        var lines = new List<string>();
        var rest = chars.AsSpan();
        while (rest.IndexOf('\n') is var end and >= 0)
        {
            Append(rest[..end], lines);
            lines.Add(Take());
            _isRest = false;
            rest = rest[(end + 1)..];
        }

        Append(rest, lines);
        return lines;
    }

    /// <summary>Ends the stream.</summary>
    /// <returns>The last line, if the stream did not terminate it; null if there is none.</returns>
    public string? End()
    {
        var chars = new char[_decoder.GetCharCount([], flush: true)];
        _decoder.GetChars([], chars, flush: true);
        _pending.Append(chars);
        return _pending.Length > 0 ? Take() : null;
    }

    private void Append(ReadOnlySpan<char> chars, List<string> lines)
    {
        while (_pending.Length + chars.Length > maxLength)
        {
            var room = maxLength - _pending.Length;
            // Both halves of a surrogate pair are kept together.
            if (room > 0 && char.IsHighSurrogate(chars[room - 1]))
                room--;
            lines.Add(_pending.Append(chars[..room]).ToString());
            _pending.Clear();
            chars = chars[room..];
            if (!_isRest)
                Split++;
            _isRest = true;
        }

        _pending.Append(chars);
    }

    private string Take()
    {
        var length = _pending.Length > 0 && _pending[^1] == '\r' ? _pending.Length - 1 : _pending.Length;
        var line = _pending.ToString(0, length);
        _pending.Clear();
        return line;
    }
}
