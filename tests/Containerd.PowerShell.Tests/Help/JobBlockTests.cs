using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>
/// No text shows -- in a block that PowerShell sends to another process. Where such a block is one pipeline, PowerShell turns it into a
/// command and takes -- for a
/// parameter without a name.
/// </summary>
public sealed partial class JobBlockTests
{
    private static readonly string[] Folders = ["docs", "src", "tests/Acceptance"];

    public static TheoryData<string> Texts =>
        [
            .. Folders
                .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
                .Append(Path.Combine(Repository.Root, "README.md"))
                .Where(file =>
                    Path.GetExtension(file) is ".md" or ".txt" or ".cs" or ".ps1" or ".ps1xml" && !GeneratedFolder().IsMatch(file)
                )
                .Where(file => Sending().IsMatch(File.ReadAllText(file)) || Background().IsMatch(File.ReadAllText(file)))
                .Select(file => Path.GetRelativePath(Repository.Root, file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_block_that_goes_to_another_process_names_its_command_with_a_parameter(string path)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, path));
        var blocks = Sending()
            .Matches(text)
            .Select(match => Block(text, match.Index + match.Length))
            .Concat(Background().Matches(text).Select(match => match.Value));
        Assert.DoesNotContain(blocks, block => EndOfParameters().IsMatch(block));
    }

    [Theory]
    [InlineData("Invoke-Command -HostName web1 { Invoke-CtrExec web -- ls }")]
    [InlineData("Start-Job { if ($x) { Invoke-CtrExec web -- ls } }")]
    [InlineData("Invoke-CtrExec web -- ls &")]
    public void Such_a_block_is_found(string text) =>
        Assert.Matches(
            EndOfParameters(),
            Sending().IsMatch(text) ? Block(text, Sending().Match(text).Length) : Background().Match(text).Value
        );

    [Fact]
    public void A_recipe_for_JSON_keeps_the_names_of_states_and_all_levels()
    {
        var pages = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".md" or ".txt")
            .Append(Path.Combine(Repository.Root, "README.md"));
        Assert.DoesNotContain(pages.SelectMany(File.ReadLines), line => ShallowJson().IsMatch(line));
        Assert.Matches(ShallowJson(), "Get-CtrTask | ConvertTo-Json");
    }

    /// <summary>The text from an opening brace, which comes before this place, to the brace that closes it.</summary>
    private static string Block(string text, int start)
    {
        var depth = 1;
        var end = start;
        for (; end < text.Length && depth > 0; end++)
            depth += text[end] switch
            {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
        return text[start..end];
    }

    [GeneratedRegex(@"\b(Invoke-Command|Start-Job)\b[^{}\r\n|;]*\{+")]
    private static partial Regex Sending();

    [GeneratedRegex(@"^.*-Ctr\w+ .*[^&] &[ \t]*$", RegexOptions.Multiline)]
    private static partial Regex Background();

    [GeneratedRegex(@"\bConvertTo-Json\b(?! -EnumsAsStrings -Depth \d)")]
    private static partial Regex ShallowJson();

    [GeneratedRegex(@"(?<!\S)--(?!\S)")]
    private static partial Regex EndOfParameters();

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]")]
    private static partial Regex GeneratedFolder();
}
