using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Values;

/// <summary>Labels, annotations and kernel parameters as key=value texts and as hashtables.</summary>
public sealed class KeyValueTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public void Labels_are_strings_hashtables_or_both()
    {
        var made = Engine.Invoke(
            $"New-CtrContainer {Id} -Image {Busybox} -Label app=web, note=a=b, alone, @{{ team = 'blue'; size = 3 }} -Annotation a=1, alone -- true"
        );
        Assert.Empty(made.Errors);
        // containerd drops them.
        Assert.Contains("'alone'", Assert.Single(made.Warnings).ToString(), StringComparison.Ordinal);
        var container = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}");
        Assert.Equal(
            ("web", "a=b", "blue", "3"),
            (container.Labels["app"], container.Labels["note"], container.Labels["team"], container.Labels["size"])
        );
        Assert.Equal(("1", ""), (container.Spec!.Annotations!["a"], container.Spec.Annotations["alone"]));

        Engine.Require($"Set-CtrContainer {Id} -Label app=db, @{{ team = $null }}, size");
        container = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}");
        Assert.Equal(
            ("db", false, false),
            (container.Labels["app"], container.Labels.ContainsKey("team"), container.Labels.ContainsKey("size"))
        );
    }

    [Theory]
    [InlineData("app=web", true)]
    [InlineData("app=w*", true)]
    [InlineData("app", true)]
    [InlineData("app, tier=front", true)]
    [InlineData("@{ app = 'web' }", true)]
    [InlineData("app=", false)]
    [InlineData("app=db", false)]
    [InlineData("app, other", false)]
    public void A_filter_without_a_value_matches_any_value(string filter, bool isFound)
    {
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -Label app=web, tier=front -- true; New-CtrLease {Id} -Label app=web, tier=front"
        );
        Assert.Equal(isFound ? 1 : 0, Engine.Require($"Get-CtrContainer {Id}* -Label {filter}").Count);
        Assert.Equal(isFound ? 1 : 0, Engine.Require($"Get-CtrLease {Id}* -Label {filter}").Count);
        Engine.Require($"Remove-CtrLease {Id}");
    }

    [Fact]
    public void Every_parameter_for_labels_has_the_one_type()
    {
        var types = Engine
            .Require(
                """
                foreach ($command in (Get-Module Containerd).ExportedCmdlets.Values) {
                    foreach ($name in 'Label', 'ExceptLabel', 'Annotation', 'Sysctl') {
                        if ($command.Parameters.ContainsKey($name)) { "$($command.Name) -$name $($command.Parameters[$name].ParameterType.Name)" }
                    }
                }
                """
            )
            .Select(t => t.ToString())
            .ToList();
        Assert.True(types.Count > 20, string.Join('\n', types));
        Assert.All(types, type => Assert.EndsWith(" CtrKeyValues[]", type, StringComparison.Ordinal));
    }

    [Fact]
    public void A_function_with_the_same_type_converts_like_a_mock()
    {
        const string Function =
            "function Get-Entries { param([Containerd.CtrKeyValues[]]$Label) foreach ($l in $Label) { foreach ($k in $l.Keys) { \"$k=$($l[$k])\" } } }; ";
        Assert.Equal(["a=b", "c=", "d=1"], Engine.Require(Function + "Get-Entries -Label a=b, c, @{ d = 1 }").Select(e => e.ToString()));
        Assert.Equal(["a=b"], Engine.Require(Function + "$splat = @{ Label = 'a=b' }; Get-Entries @splat").Select(e => e.ToString()));
        Assert.Equal(["a=b"], Engine.Require(Function + "Get-Entries -Label ([ordered]@{ a = 'b' })").Select(e => e.ToString()));
        Assert.Equal(
            "b",
            Engine.Require<string>("function Get-One { param([Containerd.CtrKeyValues[]]$Label) $Label.a }; Get-One -Label @{ a = 'b' }, c")
        );
        Assert.Equal(["10d="], Engine.Require(Function + "Get-Entries -Label 10d").Select(e => e.ToString()));
    }

    [Theory]
    [InlineData("=web", "'=web' has no key.")]
    [InlineData("@{ '' = 'web' }", "has no key.")]
    [InlineData("(Get-Command Get-Help)", "is not a key with a value.")]
    public void A_value_without_a_key_is_rejected_with_the_accepted_form(string value, string expected)
    {
        var error = Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} -Label {value} -- true").Error.Exception;
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("Use key=value", error.Message, StringComparison.Ordinal);
        Assert.Empty(Engine.Require($"Get-CtrContainer {Id}*"));
    }
}
