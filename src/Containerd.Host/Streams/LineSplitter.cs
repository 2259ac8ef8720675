using System.Text;

namespace Containerd.Host;

/// <summary>
/// Makes lines of UTF-8 as it comes in, whatever the chunks cut apart. Bytes that are no UTF-8 become U+FFFD. A line that is longer than
/// the limit becomes several: a stranger's process must not fill the memory with a single one.
/// </summary>
/// <param name="maxLength">The most characters that a line may have.</param>
public sealed class LineSplitter(int maxLength = LineSplitter.DefaultLength)
{
    /// <summary>The most characters of a line, unless another limit is given.</summary>
    public const int DefaultLength = 32 * 1024 * 1024;

    private readonly Decoder _decoder = new UTF8Encoding(false, false).GetDecoder();
    private readonly StringBuilder _pending = new();
    private bool _isRest;

    /// <summary>The number of lines that exceeded the limit and were split.</summary>
    public int Split { get; private set; }

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
            Append(rest[..end], lines);
            lines.Add(Take());
            _isRest = false;
            rest = rest[(end + 1)..];
        }

        Append(rest, lines);
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

    private void Append(ReadOnlySpan<char> chars, List<string> lines)
    {
        while (_pending.Length + chars.Length > maxLength)
        {
            var room = maxLength - _pending.Length;
            // Both halves of a character stay together.
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
