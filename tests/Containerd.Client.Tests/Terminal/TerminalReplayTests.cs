using System.Text;
using Containerd.Host.Logs;
using Containerd.Host.Terminals;

namespace Containerd.Client.Tests.Terminal;

/// <summary>What a terminal is shown of a process's earlier output.</summary>
public sealed class TerminalReplayTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("", 3, "")]
    [InlineData("a\nb\nc\n", 0, "")]
    [InlineData("a\nb\nc\n", 2, "b\nc\n")]
    [InlineData("a\nb\nc\nprompt", 0, "prompt")]
    [InlineData("a\nb\nc\nprompt", null, "prompt")]
    [InlineData("a\nb\nc\nprompt", 1, "c\nprompt")]
    [InlineData("a\nb\n", 5, "a\nb\n")]
    public void The_last_lines_or_only_the_prompt(string text, int? lines, string expected) => Assert.Equal(expected, Shown(text, lines));

    [Fact]
    public void The_last_lines_of_a_large_file_are_found()
    {
        var lines = Shown(string.Concat(Enumerable.Range(0, 100000).Select(i => $"line {i}\n")), 30000).Split('\n');
        Assert.Equal(("line 70000", 30001), (lines[0], lines.Length));
    }

    [Fact]
    public void Queries_to_the_terminal_are_not_repeated_and_modes_are_restored()
    {
        const string Output =
            "old\nquestion\u001b[6n \u001b[c\u001b[>c\u001b]11;?\u0007\u001b[?2026$p \u001b[1mbold grün\u001b[0m\n\u001b[?2004h/ # \u001b[6n";
        Assert.Equal("question  \u001b[1mbold grün\u001b[0m\n\u001b[?2004h/ # \u001b[?2004h", Shown(Output, 1));
        Assert.Equal("\u001b[?2004h/ # \u001b[?2004h", Shown(Output, null));
        // A full-screen program draws itself: what it drew before is of no use.
        Assert.Equal("\u001b[?1049h", Shown("old\n\u001b[?1049h\u001b[Hpicture", null));
    }

    private string Shown(string output, int? lines)
    {
        File.WriteAllText(_path, output);
        using var followed = new FollowedFile(_path, fromEnd: true);
        return Encoding.UTF8.GetString(TerminalReplay.Make(followed, lines).Span);
    }
}
