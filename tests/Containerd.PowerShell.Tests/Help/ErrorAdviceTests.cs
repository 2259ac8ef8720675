using System.Reflection;
using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>Every error says what to do: in its exception, or by its id.</summary>
public sealed partial class ErrorAdviceTests
{
    // They report what the user's own program did.
    private static readonly string[] Reports = ["ProcessExitedNonZero", "StandardError"];

    [Fact]
    public void Every_error_id_of_the_sources_has_advice()
    {
        using var engine = new Engine();
        var advice = ((Type)engine.Require("(Get-Command Get-CtrTask).ImplementingType")[0].BaseObject).Assembly.GetType("Containerd.PowerShell.ErrorAdvice")!.GetMethod("For", BindingFlags.NonPublic | BindingFlags.Static)!;
        var texts = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        var resources = Name().Matches(Enumeration().Match(texts.Single(text => text.Contains("enum Resource", StringComparison.Ordinal))).Groups["names"].Value).Select(match => match.Value).ToList();
        var without = texts.SelectMany(WithoutRemedy).ToList();
        Assert.True(without.Count > 50);
        var ids = without.SelectMany(site => Literal().Matches(site)).Select(match => match.Groups["id"].Value)
            .Concat(without.SelectMany(site => Composed().Matches(site)).SelectMany(match => resources.Select(resource => resource + match.Groups["end"].Value)))
            .Distinct().Except(Reports).Order(StringComparer.Ordinal).ToList();
        Assert.Contains("SnapshotNotFound", ids);
        Assert.DoesNotContain(ids, id => advice.Invoke(null, [id]) is not string { Length: > 20 });
    }

    [Fact]
    public void Advice_fits_what_was_typed()
    {
        using var engine = new Engine();
        var error = engine.Invoke("Connect-CtrSession unix:///run/no/such.sock -Namespace 'bad/ns'").Error;
        Assert.Equal("InvalidId", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("such as staging", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    /// <summary>What is assigned to ErrorId in each object initializer that sets no Remedy.</summary>
    private static IEnumerable<string> WithoutRemedy(string text)
    {
        foreach (Match match in Assignment().Matches(text))
        {
            var (start, end, depth) = (match.Index, match.Index, 0);
            while (start > 0 && !(text[start] == '{' && depth == 0))
                depth += text[--start] == '}' ? 1 : text[start] == '{' && depth > 0 ? -1 : 0;
            for (depth = 0; end < text.Length && !(text[end] == '}' && depth == 0); end++)
                depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
            if (!text[start..end].Contains("Remedy", StringComparison.Ordinal))
                yield return match.Value;
        }
    }

    [GeneratedRegex(@"\bErrorId = [^;,\n]*")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"(?<!\$)""(?<id>[A-Z]\w+)""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\$""\{resource\}(?<end>\w+)""")]
    private static partial Regex Composed();

    [GeneratedRegex(@"enum Resource\s*\{(?<names>[^}]*)\}")]
    private static partial Regex Enumeration();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex Name();
}
