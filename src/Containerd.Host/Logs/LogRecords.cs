using System.Buffers;
using System.Globalization;
using System.Text;

namespace Containerd.Host.Logs;

/// <summary>The files that <see cref="LogWriter"/> writes: which ones exist, and the records in them.</summary>
internal sealed class LogRecords(int maxLength = LineSplitter.DefaultLength)
{
    /// <summary>Far longer than any record of the writer: a longer one is not a record.</summary>
    private const int LongestRecord = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _cut = new();
    private readonly ArrayBufferWriter<byte>[] _begun = [new(), new()];
    private readonly DateTime[] _time = new DateTime[2];
    private readonly bool[] _isRest = new bool[2];
    private bool _isForeign;

    /// <summary>The number of lines that exceeded the limit and were split.</summary>
    internal int Split { get; private set; }

    /// <summary>The first of the files; null if there is none.</summary>
    internal static string? First(string prefix) => After(prefix, 0, out _);

    /// <summary>The file after another one.</summary>
    /// <param name="path">The other file; the next one exists when its last record is written.</param>
    /// <param name="missed">The number of files in between that were removed.</param>
    internal static string? Next(string path, out int missed)
    {
        var stem = path[..^LogPaths.Extension.Length];
        var dot = stem.LastIndexOf('.');
        return After(stem[..dot], long.Parse(stem[(dot + 1)..], CultureInfo.InvariantCulture), out missed);
    }

    /// <summary>The lines that the new bytes complete.</summary>
    internal List<LogLine> Add(int start, ReadOnlySpan<byte> chunk)
    {
        var lines = new List<LogLine>();
        while (chunk.IndexOf((byte)'\n') is var end and >= 0)
        {
            if (_isForeign)
            {
                _isForeign = false;
            }
            else if (_cut.WrittenCount > 0)
            {
                _cut.Write(chunk[..end]);
                Take(start, _cut.WrittenSpan, lines);
                _cut.ResetWrittenCount();
            }
            else
            {
                Take(start, chunk[..end], lines);
            }

            chunk = chunk[(end + 1)..];
        }

        _isForeign |= _cut.WrittenCount + chunk.Length > LongestRecord;
        if (_isForeign)
            _cut.ResetWrittenCount();
        else
            _cut.Write(chunk);
        return lines;
    }

    /// <summary>The last lines, if the streams did not terminate them.</summary>
    internal List<LogLine> End(int start)
    {
        var lines = new List<LogLine>();
        foreach (var stream in new[] { CtrOutput.Stdout, CtrOutput.Stderr })
        {
            if (_begun[(int)stream].WrittenCount > 0)
                lines.Add(Line(start, stream));
        }

        return lines;
    }

    /// <summary>Parses one record: <c>TIME stdout|stderr F|P text</c>.</summary>
    /// <returns>Whether it is one.</returns>
    internal static bool TryRead(
        ReadOnlySpan<byte> record,
        out DateTime time,
        out CtrOutput stream,
        out bool whole,
        out ReadOnlySpan<byte> text
    )
    {
        time = default;
        stream = default;
        whole = false;
        text = default;
        var space = record.IndexOf((byte)' ');
        if (
            space < 0
            || record.Length < space + 10
            || !DateTime.TryParseExact(
                Encoding.ASCII.GetString(record[..space]),
                "O",
                CultureInfo.InvariantCulture,
                DateTimeStyles.RoundtripKind,
                out time
            )
        )
            return false;
        var rest = record[(space + 1)..];
        if (!rest.StartsWith("stdout "u8) && !rest.StartsWith("stderr "u8))
            return false;
        stream = rest[3] == 'o' ? CtrOutput.Stdout : CtrOutput.Stderr;
        whole = rest[7] == 'F';
        text = rest[9..];
        return rest[8] == ' ';
    }

    private void Take(int start, ReadOnlySpan<byte> record, List<LogLine> lines)
    {
        if (!TryRead(record, out var time, out var stream, out var whole, out var text))
            return;
        var begun = _begun[(int)stream];
        if (begun.WrittenCount > 0 && begun.WrittenCount + text.Length > maxLength)
        {
            lines.Add(Part(start, stream));
            if (!_isRest[(int)stream])
                Split++;
            _isRest[(int)stream] = true;
        }

        begun.Write(text);
        _time[(int)stream] = time;
        if (!whole)
            return;
        lines.Add(Line(start, stream));
        _isRest[(int)stream] = false;
    }

    /// <summary>The received part of a line that is too long for one record; bytes of an incomplete character wait for the rest.</summary>
    private LogLine Part(int start, CtrOutput stream)
    {
        var begun = _begun[(int)stream];
        var length = WholeCharacters(begun.WrittenSpan);
        var line = new LogLine(start, stream, Encoding.UTF8.GetString(begun.WrittenSpan[..length]), _time[(int)stream].ToLocalTime());
        var rest = begun.WrittenSpan[length..].ToArray();
        begun.ResetWrittenCount();
        begun.Write(rest);
        return line;
    }

    private static int WholeCharacters(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= Math.Min(4, text.Length); back++)
        {
            var first = text[^back];
            if ((first & 0xC0) == 0x80)
                continue;
            var needed =
                first >= 0xF0 ? 4
                : first >= 0xE0 ? 3
                : first >= 0xC0 ? 2
                : 1;
            return needed > back ? text.Length - back : text.Length;
        }

        return text.Length;
    }

    private LogLine Line(int start, CtrOutput stream)
    {
        var begun = _begun[(int)stream];
        var text = begun.WrittenSpan;
        var line = new LogLine(
            start,
            stream,
            Encoding.UTF8.GetString(text.EndsWith("\r"u8) ? text[..^1] : text),
            _time[(int)stream].ToLocalTime()
        );
        begun.ResetWrittenCount();
        return line;
    }

    private static string? After(string prefix, long number, out int missed)
    {
        missed = 0;
        var expected = LogPaths.PartOf(prefix, number + 1);
        if (File.Exists(expected))
            return expected;
        var folder = Path.GetDirectoryName(prefix)!;
        if (!Directory.Exists(folder))
            return null;
        var later = Directory
            .EnumerateFiles(folder, Path.GetFileName(prefix) + ".*" + LogPaths.Extension)
            .Select(p =>
                long.TryParse(
                    p[(prefix.Length + 1)..^LogPaths.Extension.Length],
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var n
                )
                    ? n
                    : 0
            )
            .Where(n => n > number)
            .ToList();
        if (later.Count == 0)
            return null;
        missed = (int)(later.Min() - number - 1);
        return LogPaths.PartOf(prefix, later.Min());
    }
}
