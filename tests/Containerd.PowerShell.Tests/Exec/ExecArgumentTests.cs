using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>The words of a command arrive in the container as a native command would get them.</summary>
public sealed class ExecArgumentTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const string Echo = "/bin/args";

    protected override async Task PrepareAsync()
    {
        await StartAsync();
        Engine.Require(
            $"Invoke-CtrExec {Id} -- sh -c 'printf \"%s\\n\" \"#!/bin/sh\" \"for a; do printf \\\"[%s]\\\" \\\"\\$a\\\"; done\" > {Echo}; chmod +x {Echo}'"
        );
        Engine.Require("$x = 'X Y'; $empty = ''; $list = 'a', 'b c'; $one = @('only'); $nums = 1, 2; $hash = @{ User = 'root' }");
    }

    public static TheoryData<string, string> Words =>
        new()
        {
            { "{}", "[{}]" },
            { "-exec echo {} ';'", "[-exec][echo][{}][;]" },
            { "{print $1}", "[{print $1}]" },
            { "'{print $1}'", "[{print $1}]" },
            { "{ a  b }", "[{ a  b }]" },
            { "1,5p", "[1,5p]" },
            { "a,b", "[a,b]" },
            { "a,b,c d", "[a,b,c][d]" },
            { "-p:$x", "[-p:X Y]" },
            { "-p: $x", "[-p:][X Y]" },
            { "-p:1", "[-p:1]" },
            { "-p:", "[-p:]" },
            { "--x=y", "[--x=y]" },
            { "--x=$x", "[--x=X Y]" },
            { "--x $x", "[--x][X Y]" },
            { "-x", "[-x]" },
            { "-User root", "[-User][root]" },
            { "--", "[--]" },
            { "a -- b", "[a][--][b]" },
            { "007", "[007]" },
            { "1.0", "[1.0]" },
            { "1kb", "[1kb]" },
            { "0x10", "[0x10]" },
            { "1e3", "[1e3]" },
            { "-1", "[-1]" },
            { "+1", "[+1]" },
            { "10MB", "[10MB]" },
            { "'a \"b\" c'", "[a \"b\" c]" },
            { "\"it's\"", "[it's]" },
            { "'a''b'", "[a'b]" },
            { "''", "[]" },
            { "a '' b", "[a][][b]" },
            { "$empty", "[]" },
            { "$null", "[]" },
            { "$list", "[a][b c]" },
            { "x $list y", "[x][a][b c][y]" },
            { "@list", "[a][b c]" },
            { "$one", "[only]" },
            { "$nums", "[1][2]" },
            { "\"$list\"", "[a b c]" },
            { "ä€𝄞", "[ä€𝄞]" },
            { "'a\nb'", "[a\nb]" },
            { "a `\n  b `\n  c", "[a][b][c]" },
            { "a `\n  {} `\n  1,2 `\n  -p:$x", "[a][{}][1,2][-p:X Y]" },
            { "$true", "[True]" },
            { "*", "[*]" },
            { "?", "[?]" },
            { "/etc/*", "[/etc/*]" },
            { "~", "[~]" },
            { "~/x", "[~/x]" },
            { "$x.Length", "[3]" },
            { "$($x.Length)", "[3]" },
            { "a=b,c=d", "[a=b,c=d]" },
            { "%s", "[%s]" },
            { "a%b", "[a%b]" },
            { "a#b", "[a#b]" },
            { "a\\b", "[a\\b]" },
            { "'$HOME'", "[$HOME]" },
            { "http://x/?a=1", "[http://x/?a=1]" },
            { "type=bind,src=/a,dst=/b", "[type=bind,src=/a,dst=/b]" },
            { "a:b", "[a:b]" },
            { "-Verbose", "[-Verbose]" },
        };

    [Fact]
    public void The_table_of_nasty_words()
    {
        var wrong = new List<string>();
        foreach (var row in Words)
        {
            var (words, expected) = row.Data;
            var done = Engine.Invoke($"Invoke-CtrExec {Id} -Raw -- {Echo} {words}");
            var got =
                done.Errors.Count == 0 && done.Exception is null
                    ? string.Concat(done.Output)
                    : string.Join("; ", done.Errors) + done.Exception?.Message;
            if (got != expected)
                wrong.Add($"{words}\n   gave     {got}\n   expected {expected}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void The_same_arguments_with_Invoke_CtrContainer_and_New_CtrContainer()
    {
        const string Nasty = "-- sh -c 'for a; do printf \"[%s]\" \"$a\"; done' x {} 1,5p -p:$x -q: $x 007 $list @list '' a,b --x=y";
        const string Expected = "[{}][1,5p][-p:X Y][-q:][X Y][007][a][b c][a][b c][][a,b][--x=y]";
        Assert.Equal(Expected, Engine.Require<string>($"Invoke-CtrContainer {Busybox} -Raw {Nasty}"));
        Engine.Require($"New-CtrContainer {Id}-b -Image {Busybox} {Nasty} | Start-CtrTask | Wait-CtrTask");
        Assert.Equal(Expected, Assert.Single(Engine.Require($"Get-CtrLog {Id}-b")).ToString());
        Engine.Require($"'{Id}-c' | New-CtrContainer -Image {Busybox} {Nasty} | Start-CtrTask | Wait-CtrTask");
        Assert.Equal(Expected, Assert.Single(Engine.Require($"Get-CtrLog {Id}-c")).ToString());
        Assert.Equal(Expected, Engine.Require<string>($"Get-CtrTask {Id} | Invoke-CtrExec -Raw {Nasty}"));
    }

    [Fact]
    public void Splatted_parameters_and_a_command_in_a_variable_work()
    {
        Assert.Equal(
            "[a][b c]",
            Engine.Require<string>($"$p = @{{ User = 'root'; Raw = $true }}; Invoke-CtrExec {Id} @p -- {Echo} a 'b c'")
        );
        Assert.Equal("[a][b c]", Engine.Require<string>($"$c = '{Echo}', 'a', 'b c'; Invoke-CtrExec {Id} -Raw -Command $c"));
        Assert.Equal("[a][b c]", Engine.Require<string>($"$c = '{Echo}', 'a', 'b c'; Invoke-CtrExec {Id} -Raw -- @c"));
        Assert.Equal("[a][b c]", Engine.Require<string>($"$c = '{Echo}', 'a', 'b c'; Invoke-CtrExec {Id} -Raw $c"));
        Assert.Equal("[a]", Engine.Require<string>($"$p = @{{ Id = '{Id}'; Raw = $true; Command = '{Echo}', 'a' }}; Invoke-CtrExec @p"));
        Assert.Equal("[a][b]", Engine.Require<string>($"Invoke-CtrExec {Id} -Raw -Command {Echo}, a, b"));
    }
}
