using System.Management.Automation;
using Containerd.Help;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>What Get-Help says, asked as a user asks it.</summary>
public sealed class HelpPageTests : IDisposable
{
    private readonly Engine _engine = new();

    public static TheoryData<string> Cmdlets
    {
        get
        {
            using var engine = new Engine();
            return
            [
                .. engine
                    .Require("(Get-Module Containerd).ExportedCmdlets.Keys")
                    .Select(name => (string)name.BaseObject)
                    .Order(StringComparer.Ordinal),
            ];
        }
    }

    public void Dispose() => _engine.Dispose();

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlet_has_a_synopsis_a_description_an_example_and_an_address(string name)
    {
        var help = Read(name);
        Assert.NotEmpty(help.Synopsis);
        Assert.NotEmpty(help.Description);
        Assert.NotEmpty(help.Examples);
        Assert.Equal(help.Synopsis, _engine.Require<string>($"(Get-Help {name}).Synopsis.Trim()"));
        Assert.Equal(help.Examples.Count, _engine.Require<int>($"@((Get-Help {name} -Examples).examples.example).Count"));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Every_parameter_is_described(string name)
    {
        var bare = _engine.Require(
            $$"""
            $command = Get-Command {{name}}
            $common = [System.Management.Automation.PSCmdlet]::CommonParameters
            foreach ($parameter in $command.Parameters.Keys) {
                if ($common -contains $parameter -or $command.Parameters[$parameter].Attributes.DontShow -contains $true) { continue }
                $text = (Get-Help {{name}} -Parameter $parameter).description.Text
                if (-not "$text".Trim()) { $parameter }
            }
            """
        );
        Assert.Empty(bare.Select(parameter => parameter.ToString()));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_syntax_is_the_commands_own(string name)
    {
        var told = _engine.Require(
            $"(Get-Help {name}).syntax.syntaxItem | ForEach-Object {{ (@($_.parameter.name) | ForEach-Object {{ $_ }}) -join ' ' }}"
        );
        var command = (CmdletInfo)_engine.Require($"Get-Command {name}").Single().BaseObject;
        // A parameter that is not shown is for the pipeline alone, and the set that it makes with it.
        var sets = command
            .ParameterSets.Where(set => !set.Parameters.Any(parameter => parameter.IsMandatory && IsHidden(parameter)))
            .Select(set =>
                set.Parameters.Where(parameter => !IsHidden(parameter))
                    .Select(parameter => parameter.Name)
                    .Except(PSCmdlet.CommonParameters)
                    .Order(StringComparer.Ordinal)
            );
        Assert.Equal(
            sets.Select(set => string.Join(' ', set)).Order(StringComparer.Ordinal),
            told.Select(set => string.Join(' ', set.ToString().Split(' ').Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_default_of_a_parameter_is_documented(string name)
    {
        // A fresh cmdlet knows.
        var differ = _engine.Require(
            $$"""
            $command = Get-Command {{name}}
            $fresh = $command.ImplementingType::new()
            foreach ($property in $command.ImplementingType.GetProperties()) {
                $declared = @($property.GetCustomAttributes($true) | Where-Object { $_ -is [Parameter] })
                if (-not $declared -or $declared.DontShow -contains $true -or $declared.Mandatory -notcontains $false -or $property.DeclaringType.Namespace -ne 'Containerd.PowerShell') { continue }
                $value = $property.GetValue($fresh)
                # Times, moments and sizes have plain value types: the default value of the type is that of a parameter that was left out.
                if ($value -is [Containerd.CtrDuration] -or $value -is [Containerd.CtrMoment] -or $value -is [Containerd.CtrSize]) {
                    if ($value.Equals([Activator]::CreateInstance($value.GetType()))) { $value = $null }
                }
                $expected = "$(if ($value -is [switch]) { 'False' } else { @($value) })"
                $told = "$((Get-Help {{name}} -Parameter $property.Name).defaultValue)"
                if ($told -cne $expected) { "-$($property.Name): '$told', and is '$expected'" }
            }
            """
        );
        Assert.Empty(differ.Select(parameter => parameter.ToString()));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Inputs_and_outputs_are_documented(string name)
    {
        var bare = _engine.Require(
            $$"""
            $help = Get-Help {{name}}
            foreach ($end in @($help.inputTypes.inputType) + @($help.returnValues.returnValue)) {
                # Types of others are theirs to explain.
                if ($end -and ($end.type.name -like 'Containerd.*' -or $end.type.name -like 'Ctr*') -and -not "$($end.description.Text)".Trim()) { $end.type.name }
            }
            """
        );
        Assert.Empty(bare.Select(type => type.ToString()));
    }

    private static bool IsHidden(CommandParameterInfo parameter) =>
        parameter.Attributes.OfType<ParameterAttribute>().Any(attribute => attribute.DontShow);

    [Fact]
    public void The_values_of_a_parameter_with_a_fixed_set_are_listed()
    {
        Assert.Contains("One of Missing, Always, Never.", Text("New-CtrContainer", "Pull"), StringComparison.Ordinal);
        Assert.Contains("{Missing | Always | Never}", Syntax("New-CtrContainer"), StringComparison.Ordinal);
        var events = Text("Watch-CtrEvent", "EventType");
        Assert.All(Enum.GetNames<CtrEventType>(), name => Assert.Contains(name, events, StringComparison.Ordinal));
        Assert.Contains("-EventType <CtrEventType[]>", Syntax("Watch-CtrEvent"), StringComparison.Ordinal);

        string Text(string cmdlet, string parameter) =>
            _engine.Require<string>($"(Get-Help {cmdlet} -Parameter {parameter}).description.Text -join ' '");
        string Syntax(string cmdlet) =>
            _engine.Display($"Get-Help {cmdlet}").ReplaceLineEndings("").Replace("    ", "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_that_is_not_shown_is_not_in_the_help()
    {
        foreach (var name in new[] { "Send-CtrSignal", "Start-CtrExec" })
            Assert.DoesNotContain(
                "Piped",
                _engine
                    .Require($"(Get-Help {name}).syntax.syntaxItem.parameter.name; (Get-Help {name}).parameters.parameter.name")
                    .Select(parameter => parameter.ToString())
            );
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Online_opens_the_page_of_the_cmdlet(string name) =>
        Assert.Equal($"{ProjectUri}/blob/main/docs/help/{name}.md", _engine.Require($"(Get-Command {name}).HelpUri").Single().ToString());

    private string ProjectUri => _engine.Require("(Get-Module Containerd).ProjectUri").Single().ToString()!.TrimEnd('/');

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_link_has_a_target(string name)
    {
        foreach (var link in Read(name).Links.Where(link => link.Address is null))
        {
            var there = link.Text.StartsWith("about_", StringComparison.Ordinal)
                ? File.Exists(Path.Combine(Repository.Module, "en-US", link.Text + ".help.txt"))
                : _engine.Require($"Get-Command {link.Text}").Count == 1;
            Assert.True(there, $"{name} links to {link.Text}");
        }
    }

    private static HelpPage Read(string name) => HelpFolder.ReadPage(Path.Combine(Repository.Root, "docs", "help", name + ".md"));
}
