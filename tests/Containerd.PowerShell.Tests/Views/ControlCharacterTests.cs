using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>
/// What a container or an archive says never reaches the terminal as control characters. Lists, tables and files are in the acceptance
/// suite, which has the cmdlets for them.
/// </summary>
public sealed class ControlCharacterTests
{
    [Fact]
    public void No_type_is_shown_with_control_characters()
    {
        using var engine = new Engine();
        var failures = new List<string>();
        foreach (var type in HostileObject.Types)
        {
            engine.Require("foreach ($one in $input) { $global:item = $one }", HostileObject.Of(type));
            var shown = engine.Display("$global:item");
            if (HostileObject.IsDangerous(shown))
                failures.Add($"{type.Name}: {shown}");
        }

        Assert.Empty(failures);
    }

    [Fact]
    public void An_error_shows_no_control_characters_in_its_views_and_has_the_exact_name()
    {
        var error = new CtrNotFoundException($"There is no container '{HostileObject.Text}'.", new IOException(HostileObject.Text))
        {
            Subject = HostileObject.Text,
            Remedy = $"Try {HostileObject.Text}",
        };
        Assert.False(HostileObject.IsDangerous(error.Message + error.Remedy));
        Assert.Contains("␛[6n␇", error.Message, StringComparison.Ordinal);
        Assert.Equal(HostileObject.Text, error.Subject);
        // Messages of several lines stay so.
        Assert.Equal("a\nb\tc", new CtrException("a\r\nb\tc").Message);

        using var engine = new Engine();
        foreach (var view in (ReadOnlySpan<string>)["ConciseView", "NormalView", "CategoryView"])
        {
            engine.Require($"$global:ErrorView = '{view}'");
            var shown = engine.Display("Get-CtrDaemon ([string]::new([char[]] (120, 27, 55, 7)))");
            Assert.Contains("␛", shown, StringComparison.Ordinal);
            Assert.False(HostileObject.IsDangerous(shown), view);
        }
    }

    [Theory]
    [InlineData("Stop-CtrDaemon $global:name -WhatIf")]
    [InlineData("Start-CtrDaemon $global:name -WhatIf")]
    public void Messages_show_no_control_characters(string script)
    {
        using var engine = new Engine();
        engine.Require("$global:name = [string]::new([char[]] (120, 27, 55, 7))");
        var shown = engine.Display(script);
        Assert.Contains("␛", shown, StringComparison.Ordinal);
        Assert.False(HostileObject.IsDangerous(shown), shown);
    }
}
