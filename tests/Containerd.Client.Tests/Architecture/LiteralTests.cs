using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.Client.Tests.Architecture;

/// <summary>The libraries do not know PowerShell: their messages are correct for each caller.</summary>
public sealed partial class LiteralTests
{
    private static readonly string[] Libraries = ["Containerd", "Containerd.Host", "Containerd.Oci", "Containerd.Client"];

    // HTTP headers have the form of cmdlet names.
    private static readonly string[] Approved = ["User-Agent", "Accept-Encoding", "Docker-Content-Digest"];

    [Fact]
    public void No_string_of_a_library_names_a_cmdlet_a_parameter_or_PowerShell()
    {
        var count = 0;
        var flaws = new List<string>();
        foreach (var file in Libraries.SelectMany(FilesOf))
        {
            foreach (var literal in StringLiterals.Of(File.ReadAllText(file)))
            {
                count++;
                if (!Approved.Contains(literal) && OfPowerShell().IsMatch(literal))
                    flaws.Add($"{Path.GetRelativePath(Repository.Root, file)}: {literal}");
            }
        }

        Assert.True(count > 3000, $"{count}");
        Assert.Empty(flaws);
    }

    [Theory]
    [InlineData("Start it with Start-CtrTask web.")]
    [InlineData("Run Invoke-Command there.")]
    [InlineData("Use -NoLog.")]
    [InlineData("plain HTTP (-PlainHttp)")]
    [InlineData("Set $env:PATH.")]
    [InlineData("Another runspace has it.")]
    [InlineData("Run PowerShell as root.")]
    [InlineData("sudo pwsh")]
    public void Text_about_PowerShell_is_found(string literal) => Assert.Matches(OfPowerShell(), literal);

    [Theory]
    [InlineData("nsenter -U --preserve-credentials -m -n -t 1")]
    [InlineData("application/vnd.oci.image.layer.v1.tar+gzip")]
    [InlineData("Add a SHA-256 digest on 2026-01-02.")]
    [InlineData("pwsh-name/")]
    [InlineData("containerd-powershell/pull")]
    public void Other_text_is_not_found(string literal) => Assert.DoesNotMatch(OfPowerShell(), literal);

    [Fact]
    public void Literals_are_read_in_all_their_forms() =>
        Assert.Equal(
            ["plain \\\" quote", "inner", "a {} b", "{{x}}", "two \"\" quotes", "raw \" {} end", "last"],
            StringLiterals.Of(
                """"
                // "comment"
                var a = "plain \" quote"; /* "another" */ var b = ""; var c = '"';
                var d = $"a {(c == '}' ? "inner" : e)} b" + $"{{x}}" + @"two "" quotes" + $$"""raw " {{f}} end""" + "last";
                """"
            )
        );

    private static IEnumerable<string> FilesOf(string library) =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src", library), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    // The prefixes pwsh-… of ids that are stored in containerd stay as they are.
    [GeneratedRegex(@"\b[A-Z][a-z]+-[A-Z][A-Za-z]+|(?<![\w-])-[A-Z][a-z]+|\$env:|[Rr]unspace|[Cc]mdlet|PowerShell|\bpwsh\b(?!-)")]
    private static partial Regex OfPowerShell();
}
