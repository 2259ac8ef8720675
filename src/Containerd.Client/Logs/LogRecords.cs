using System.Buffers;
using System.Globalization;
using System.Text;

namespace Containerd.Client;

/// <summary>The files that our logger writes: which there are, and the records in them.</summary>
internal sealed class LogRecords
{
    private readonly ArrayBufferWriter<byte> _cut = new();
    private readonly ArrayBufferWriter<byte>[] _begun = [new(), new()];
    private readonly DateTime[] _time = new DateTime[2];

    /// <summary>The first of the files; null where there is none.</summary>
    internal static string? First(string prefix) => After(prefix, 0, out _);

    /// <summary>The file that comes after one.</summary>
    /// <param name="path">The one; there is the next one when its last record is written.</param>
    /// <param name="missed">How many files between them have gone.</param>
    internal static string? Next(string path, out int missed)
    {
        var stem = path[..^".log".Length];
        var dot = stem.LastIndexOf('.');
        return After(stem[..dot], long.Parse(stem[(dot + 1)..], CultureInfo.InvariantCulture), out missed);
    }

    /// <summary>The lines that are complete with the bytes that came now.</summary>
    internal List<LogLine> Add(int start, ReadOnlySpan<byte> chunk)
    {
        var lines = new List<LogLine>();
        while (chunk.IndexOf((byte)'\n') is var end and >= 0)
        {
            if (_cut.WrittenCount > 0)
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

        _cut.Write(chunk);
        return lines;
    }

    /// <summary>The last lines, where the streams did not end them.</summary>
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

    /// <summary>Reads one record: <c>TIME stdout|stderr F|P text</c>.</summary>
    /// <returns>Whether it is one.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> record, out DateTime time, out CtrOutput stream, out bool whole, out ReadOnlySpan<byte> text)
    {
        time = default;
        stream = default;
        whole = false;
        text = default;
        var space = record.IndexOf((byte)' ');
        if (space < 0 || record.Length < space + 10 || !DateTime.TryParseExact(Encoding.ASCII.GetString(record[..space]), "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out time))
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
        _begun[(int)stream].Write(text);
        _time[(int)stream] = time;
        if (whole)
            lines.Add(Line(start, stream));
    }

    private LogLine Line(int start, CtrOutput stream)
    {
        var begun = _begun[(int)stream];
        var text = begun.WrittenSpan;
        var line = new LogLine(start, stream, Encoding.UTF8.GetString(text.EndsWith("\r"u8) ? text[..^1] : text), _time[(int)stream].ToLocalTime());
        begun.ResetWrittenCount();
        return line;
    }

    private static string? After(string prefix, long number, out int missed)
    {
        missed = 0;
        var expected = string.Create(CultureInfo.InvariantCulture, $"{prefix}.{number + 1}.log");
        if (File.Exists(expected))
            return expected;
        var folder = Path.GetDirectoryName(prefix)!;
        if (!Directory.Exists(folder))
            return null;
        var later = Directory.EnumerateFiles(folder, Path.GetFileName(prefix) + ".*.log")
            .Select(p => long.TryParse(p[(prefix.Length + 1)..^".log".Length], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0)
            .Where(n => n > number).ToList();
        if (later.Count == 0)
            return null;
        missed = (int)(later.Min() - number - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}.{later.Min()}.log");
    }
}
