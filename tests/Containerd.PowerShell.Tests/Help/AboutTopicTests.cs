using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>The about topics: found by Get-Help, as wide as a terminal, and leading to what is there.</summary>
public sealed class AboutTopicTests
{
    private static string Folder => Path.Combine(Repository.Module, "en-US");

    public static TheoryData<string> Topics =>
        [
            .. Directory
                .EnumerateFiles(Folder, "about_*.help.txt")
                .Select(file => Path.GetFileName(file)[..^".help.txt".Length])
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Topics))]
    public void A_topic_is_found_and_fits_a_terminal(string topic)
    {
        using var engine = new Engine();
        var text = engine.Require<string>($"Get-Help {topic}");
        Assert.Contains(topic, text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 80));
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void Everything_that_a_topic_names_exists(string topic)
    {
        using var engine = new Engine();
        var lines = File.ReadAllLines(Path.Combine(Folder, topic + ".help.txt"));
        foreach (var name in lines.SkipWhile(line => line != "SEE ALSO").Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            // The engine's own topics come with PowerShell.
            if (name.StartsWith("about_Ctr", StringComparison.Ordinal) || name == "about_Containerd")
                Assert.Contains(name, Topics.Select(row => row.Data));
            else if (!name.StartsWith("about_", StringComparison.Ordinal))
                Assert.Single(engine.Require($"Get-Command {name}"));
        }
    }

    [Fact]
    public void The_main_concepts_have_a_topic()
    {
        string[] ideas =
        [
            "about_Containerd",
            "about_CtrErrors",
            "about_CtrEvents",
            "about_CtrRemoting",
            "about_CtrSessions",
            "about_CtrStdio",
        ];
        Assert.Empty(ideas.Except(Topics.Select(row => row.Data)));
    }

    [Fact]
    public void Every_class_of_errors_is_translated()
    {
        var text = File.ReadAllText(Path.Combine(Folder, "about_CtrErrors.help.txt"));
        Assert.All(typeof(CtrException).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(CtrException))), type =>
            Assert.Contains($"    {type.Name} ", text, StringComparison.Ordinal)
        );
    }
}
