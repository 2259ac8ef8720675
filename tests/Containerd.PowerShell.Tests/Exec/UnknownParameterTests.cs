using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>Misspelt parameters of the cmdlets that take a command, which PowerShell would add to the command.</summary>
public sealed class UnknownParameterTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("New-CtrContainer $id -Image $image -Memroy 64m -- sleep 100", "Memroy", "Memory")]
    [InlineData("New-CtrContainer $id -Image $image -Memroy:64m -- sleep 100", "Memroy", "Memory")]
    [InlineData("New-CtrContainer $id -Image $image -Priviledged", "Priviledged", "Privileged")]
    [InlineData("New-CtrContainer $id -Image $image -Memroy 64m sleep 100", "Memroy", "Memory")]
    [InlineData("New-CtrContainer $id -Image $image -Xyzzy -- sleep 100", "Xyzzy", null)]
    [InlineData("$h = @{ Memroy = '64m' }; New-CtrContainer $id -Image $image @h -- sleep 100", "Memroy", "Memory")]
    [InlineData("$h = @{ Memroy = '64m' }; New-CtrContainer $id -Image $image @h sleep 100", "Memroy", "Memory")]
    [InlineData("$h = @{ Memroy = '64m' }; New-CtrContainer $id -Image $image -- sleep 100 @h", "Memroy", "Memory")]
    [InlineData("& ([scriptblock]::Create('New-CtrContainer $id -Image $image -Memroy 64m -- sleep 100'))", "Memroy", "Memory")]
    [InlineData("$cmd = Get-Command New-CtrContainer; & $cmd $id -Image $image -Memroy 64m -- sleep 100", "Memroy", "Memory")]
    [InlineData("& { New-CtrContainer $id -Image $image -Memroy 64m -- sleep 100 } | Where-Object { $_ }", "Memroy", "Memory")]
    [InlineData("$id | New-CtrContainer -Image $image `\n -Memroy 64m `\n -- sleep 100", "Memroy", "Memory")]
    [InlineData("Invoke-CtrContainer $image -Memroy 64m -- echo hi", "Memroy", "Memory")]
    [InlineData("Invoke-CtrExec $id -Usr root -- id", "Usr", "User")]
    [InlineData("New-CtrSpec -Image $image -Hostnme web -- true", "Hostnme", "Hostname")]
    [InlineData("New-CtrImage $image -FromContainer $id -Autor me", "Autor", "Author")]
    public async Task A_misspelled_parameter_is_one_error_with_the_nearest_name_and_nothing_is_created(
        string line,
        string unknown,
        string? nearest
    )
    {
        var done = Engine.Invoke($"$id = '{Id}'; $image = '{Busybox}'; {line}");
        Assert.DoesNotContain(done.Output, o => o.BaseObject is not "");
        Assert.StartsWith("UnknownParameter,", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, done.Error.CategoryInfo.Category);
        Assert.Contains($" no parameter -{unknown}.", done.Error.Exception.Message, StringComparison.Ordinal);
        var remedy = ((CtrException)done.Error.Exception).Remedy!;
        Assert.Contains(nearest is null ? "Get-Help" : $"-{nearest}.", remedy, StringComparison.Ordinal);
        await AssertGoneAsync(Id);
    }

    [Fact]
    public void Options_of_the_command_are_not_changed()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- sleep 100 | Start-CtrTask");
        string[] Said(string line) => [.. Engine.Require($"$id = '{Id}'; {line}").Select(o => o.ToString())];
        Assert.Equal(["-Memroy 64m"], Said("Invoke-CtrExec $id -- echo -Memroy 64m"));
        Assert.Equal(["-Memroy"], Said("Invoke-CtrExec $id echo -Memroy"));
        Assert.Equal(["-- -Memroy"], Said("Invoke-CtrExec $id -- echo -- -Memroy"));
        Assert.Equal(["-n 1"], Said("Invoke-CtrExec $id -Command echo, '-n 1'"));
        Assert.Equal(["-Memroy"], Said("$h = @{ Command = 'echo', '-Memroy' }; Invoke-CtrExec $id @h"));
        Assert.Equal(["-Memroy"], Said("$h = @{ User = 'root' }; Invoke-CtrExec $id @h -- echo -Memroy"));
        Assert.Equal(["-Memroy"], Said("Invoke-CtrExec -Id $id -Us root -- echo -Memroy"));
        // The engine has no text of a call through its API.
        Assert.Equal(
            ["-x"],
            Engine
                .Require(
                    $"[powershell]::Create('CurrentRunspace').AddCommand('Invoke-CtrExec').AddArgument('{Id}').AddArgument('echo').AddArgument('-x').Invoke()"
                )
                .Select(o => o.ToString())
        );
        // A quoted end mark is a word, as in a shell.
        Assert.Equal(ErrorIds.CommandNotFound, Engine.Invoke($"Invoke-CtrExec {Id} '--' ls").Error.FullyQualifiedErrorId.Split(',')[0]);
    }
}
