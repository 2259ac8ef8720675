using System.Text;
using Containerd.Host;
using Containerd.Host.Logs;

namespace Containerd.Client.Tests.Logs;

/// <summary>A line without an end does not fill the memory: it comes as several, of which nothing is lost.</summary>
public sealed class LongLineTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_line_that_is_too_long_is_split_and_the_next_one_is_complete(int chunk)
    {
        var splitter = new LineSplitter(10);
        var bytes = Encoding.UTF8.GetBytes("0123456789\n0123456789abcdefghijkl\r\nnext\nx");
        var lines = bytes.Chunk(chunk).SelectMany(c => splitter.Add(c)).ToList();
        Assert.Equal(["0123456789", "0123456789", "abcdefghij", "kl", "next"], lines);
        Assert.Equal(1, splitter.Split);
        Assert.Equal("x", splitter.End());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void No_character_is_cut_apart(int chunk)
    {
        var text = string.Concat(Enumerable.Repeat("aé€😀", 40));
        var splitter = new LineSplitter(10);
        var lines = Encoding.UTF8.GetBytes(text).Chunk(chunk).SelectMany(c => splitter.Add(c)).ToList();
        lines.Add(splitter.End()!);
        Assert.Equal(text, string.Concat(lines));
        Assert.All(lines, line => Assert.True(line.Length <= 10 && !char.IsLowSurrogate(line[0]) && !char.IsHighSurrogate(line[^1]), line));

        var records = new LogRecords(10);
        var parts = Encoding
            .UTF8.GetBytes(text)
            .Chunk(chunk)
            .SelectMany(part => Record("stdout", 'P', part))
            .Concat(Record("stdout", 'F', []));
        var found = records.Add(1, parts.ToArray()).Select(l => l.Text).ToList();
        Assert.Equal(text, string.Concat(found));
        Assert.DoesNotContain(found, line => line.Contains('\uFFFD', StringComparison.Ordinal));
        Assert.Equal(1, records.Split);
        Assert.True(chunk == 1000 || found.Count > 10);
    }

    [Fact]
    public void Text_that_is_not_a_record_is_skipped_and_not_kept()
    {
        var records = new LogRecords();
        Assert.Empty(records.Add(1, new byte[800_000]));
        Assert.Empty(records.Add(1, new byte[800_000]));
        Assert.Empty(records.Add(1, new byte[800_000]));
        Assert.Equal(["after"], records.Add(1, [.. "\n"u8, .. Record("stderr", 'F', "after"u8)]).Select(l => l.Text));
    }

    private static byte[] Record(string stream, char kind, ReadOnlySpan<byte> text) =>
        [.. Encoding.ASCII.GetBytes($"2026-01-02T03:04:05.0000000Z {stream} {kind} "), .. text, (byte)'\n'];
}
