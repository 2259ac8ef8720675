using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>
/// A completed name is that name to PowerShell, whatever it is: never code, never a parameter, never a number. Names that a terminal would
/// obey are not offered.
/// </summary>
public sealed class CompletedNameTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private static readonly string[] Hostile =
    [
        "plain",
        "it's",
        "‘;throw 1;‘",
        "’",
        "a‚b‛c",
        "'’'",
        "\"",
        "“x”",
        "$(throw 1)",
        "${x}",
        "`n",
        "a`",
        "a b",
        "a;b",
        "a|b",
        "a&b",
        "a,b",
        "@(1)",
        "@x",
        "#x",
        "-rf",
        "–Force",
        "10d",
        "5kb",
        "1e3",
        "0x10",
        ">x",
        "(x)",
        "{x}",
        "~",
        "*",
    ];

    private static readonly string[] Unshowable = ["a\nb", "a\u001b[6nb", "a\rb", "a\u0007", "a\u009bb", "a\u202eb", "\u007f"];

    [Fact]
    public void Every_completer_quotes_names_correctly()
    {
        var completers = Types(Engine).Where(type => !type.IsAbstract && Live(type)).ToList();
        Assert.True(completers.Count > 25);
        Assert.All(completers, type => Offers(type, pairs: false));
        // Labels complete as texts, and as hashtables.
        Offers(completers.Single(type => type.DeclaringType?.Name == "LabelCompleter"), pairs: true);
    }

    [Fact]
    public void Every_completer_of_a_parameter_is_a_live_completer_or_delegates_to_one()
    {
        // These choose a live completer by what was typed; theirs are nested in them.
        string[] choosing =
        [
            "LabelCompleter",
            "SshHostCompleter",
            "ContainerPathCompleter",
            "ContainerCompleter",
            "ImageCompleter",
            "CommandWordCompleter",
        ];
        var used = Engine
            .Require(
                "(Get-Module Containerd).ExportedCmdlets.Values.Parameters.Values.Attributes | Where-Object { $_ -is [ArgumentCompleter] } | ForEach-Object Type"
            )
            .Select(item => (Type)item.BaseObject)
            .Distinct()
            .ToList();
        Assert.True(used.Count > 20);
        Assert.All(used, type => Assert.True(Live(type) || choosing.Contains(type.Name), type.FullName));
        Assert.All(choosing, name => Assert.Contains(Types(Engine), type => type.DeclaringType?.Name == name && Live(type)));
    }

    [Fact]
    public void A_quoted_word_completes_with_quotation_marks_of_every_kind_in_it()
    {
        Engine.Require(
            $"'{Id}-it‘‘s ‘‘;x;', '{Id}-plain' | ForEach-Object {{ $null = New-CtrSnapshot $_ -Label @{{ '{Id}' = 'a‘‘;throw 1' }} }}"
        );
        var word = $"'{Id}-it‘‘s ‘‘;x;'";
        foreach (var typed in (ReadOnlySpan<string>)[$"{Id}-i", $"'{Id}-it‘‘s", $"‘{Id}-it‘‘s ", $"\"{Id}-it"])
            Assert.Equal([word], Completed($"Get-CtrSnapshot {typed}"));
        Assert.Equal($"{Id}-it‘s ‘;x;", Engine.Require($"Get-CtrSnapshot {word}")[0].Properties["Name"].Value);
        var pair = Assert.Single(Completed($"Get-CtrSnapshot -Label {Id}"));
        Assert.Equal(2, Engine.Require($"Get-CtrSnapshot -Label {pair}").Count);
        Engine.Require($"Get-CtrSnapshot -Label {pair} | Remove-CtrSnapshot");
    }

    private static void Offers(Type type, bool pairs)
    {
        var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).Single();
        var made = constructor.Invoke([
            .. constructor
                .GetParameters()
                .Select(p =>
                    p.ParameterType == typeof(string) ? ""
                    : p.ParameterType == typeof(bool) ? pairs
                    : (object?)null
                ),
        ]);
        var literal = pairs ? type.GetMethod("Pair", BindingFlags.NonPublic | BindingFlags.Static)! : null;
        var names = Hostile.Concat(Unshowable).ToList();
        var candidates = pairs ? names.Select(n => (string)literal!.Invoke(null, [n, n])!) : names;
        var offer = type.GetMethod("Offer", BindingFlags.NonPublic | BindingFlags.Instance)!;
        var offered = ((IEnumerable<CompletionResult>)offer.Invoke(made, [candidates, ""])!).ToList();
        Assert.Equal(Hostile.Length, offered.Count);
        foreach (var (result, name) in offered.Zip(Hostile))
        {
            var ast = Parser.ParseInput($"x {result.CompletionText}", out _, out var errors);
            Assert.Empty(errors);
            var command = Assert.IsType<CommandAst>(
                Assert.Single(Assert.IsType<PipelineAst>(Assert.Single(ast.EndBlock.Statements)).PipelineElements)
            );
            Assert.Equal(2, command.CommandElements.Count);
            if (!pairs)
                Assert.Equal(name, Assert.IsType<StringConstantExpressionAst>(command.CommandElements[1]).Value);
            else
                Assert.Equal(
                    name,
                    Assert
                        .IsType<StringConstantExpressionAst>(
                            Assert.Single(Assert.IsType<HashtableAst>(command.CommandElements[1]).KeyValuePairs).Item1
                        )
                        .Value
                );
            Assert.False(HostileObject.IsDangerous(result.ListItemText + result.ToolTip + result.CompletionText));
        }
    }

    /// <summary>The completions of a line; a loaded machine may not answer in time at first, without any completion.</summary>
    private List<string> Completed(string line)
    {
        List<string> words = [];
        for (var i = 0; i < 20 && words.Count == 0; i++)
            words = [.. Engine.Complete(line).Select(c => c.CompletionText)];
        return words;
    }

    private static bool Live(Type type) => type.BaseType is { } parent && (parent.Name == "LiveCompleter" || Live(parent));

    private static Type[] Types(Engine engine) =>
        ((Type)engine.Require("(Get-Command Get-CtrTask).ImplementingType")[0].BaseObject).Assembly.GetTypes();
}
