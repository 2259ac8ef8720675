using System.Text;
using System.Text.RegularExpressions;
using Containerd.Host.Logs;

namespace Containerd.Host.Terminals;

/// <summary>What a terminal that is attached is shown of what the process wrote before.</summary>
internal static partial class TerminalReplay
{
    /// <summary>How much is looked at to learn the modes that the process has switched on.</summary>
    private const int Window = 1024 * 1024;

    /// <summary>The longest unfinished line that counts as a prompt.</summary>
    private const int LongestPrompt = 4096;

    /// <summary>Makes what is written to the terminal first.</summary>
    /// <param name="output">The process's output, opened where following it begins.</param>
    /// <param name="lines">How many lines of it are shown; null for the line alone that is not finished, a shell's prompt.</param>
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
        // Bytes pass through Latin-1 as they are.
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

    /// <summary>Questions to the terminal, which would answer them anew: to a process that does not ask any more.</summary>
    [GeneratedRegex(
        """\x05|\x1b\[[0-9;?>=]*[nct]|\x1b\[\??[0-9;]*\$p|\x1b\[>[0-9]*q|\x1b\][0-9;]*\?(\x07|\x1b\\)|\x1bP[+$]q[^\x1b]*\x1b\\"""
    )]
    private static partial Regex Questions();
}
