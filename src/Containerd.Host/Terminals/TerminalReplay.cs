using System.Text;
using System.Text.RegularExpressions;
using Containerd.Host.Logs;

namespace Containerd.Host.Terminals;

/// <summary>The earlier output of a process that is shown on an attached terminal.</summary>
internal static partial class TerminalReplay
{
    /// <summary>The amount of output that is examined to determine the modes that the process has switched on.</summary>
    private const int Window = 1024 * 1024;

    /// <summary>The maximum length of an unfinished line that is treated as a prompt.</summary>
    private const int LongestPrompt = 4096;

    /// <summary>Creates the text that is written to the terminal first.</summary>
    /// <param name="output">The output of the process, opened at the position where following starts.</param>
    /// <param name="lines">The number of lines to show; null for only the unfinished line, such as the prompt of a shell.</param>
    internal static ReadOnlyMemory<byte> Make(FollowedFile output, int? lines)
    {
        var end = output.Position;
        var history = Read(output, Math.Max(end - Window, 0), end);
        var modes = new TerminalModes();
        modes.Track(history.Span);
        var shown =
            lines is int count ? Read(output, LogTail.Find(output, end, count), end)
            : modes.AlternateScreen ? default
            : Prompt(history);
        // Latin-1 preserves all bytes.
        var text = Questions().Replace(Encoding.Latin1.GetString(shown.Span), "") + modes.Enter();
        return Encoding.Latin1.GetBytes(text);
    }

    private static ReadOnlyMemory<byte> Read(FollowedFile output, long start, long end)
    {
        var bytes = new byte[Math.Min(end - start, Array.MaxLength)];
        return bytes.AsMemory(0, output.ReadBefore(bytes, start));
    }

    private static ReadOnlyMemory<byte> Prompt(ReadOnlyMemory<byte> history)
    {
        var unfinished = history[(history.Span.LastIndexOf((byte)'\n') + 1)..];
        return unfinished.Length <= LongestPrompt ? unfinished : default;
    }

    /// <summary>Queries to the terminal, which would be answered again: to a process that no longer waits for the answer.</summary>
    [GeneratedRegex(
        """\x05|\x1b\[[0-9;?>=]*[nct]|\x1b\[\??[0-9;]*\$p|\x1b\[>[0-9]*q|\x1b\][0-9;]*\?(\x07|\x1b\\)|\x1bP[+$]q[^\x1b]*\x1b\\"""
    )]
    private static partial Regex Questions();
}
