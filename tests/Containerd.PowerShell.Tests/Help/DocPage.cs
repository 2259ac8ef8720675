using Containerd.Help;
using Containerd.Testing;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>A page of Markdown of this repository: its code, its headings, its links.</summary>
internal sealed class DocPage
{
    private DocPage(string path)
    {
        Path = path;
        var document = Markdown.Parse(
            File.ReadAllText(System.IO.Path.Combine(Repository.Root, path)),
            new MarkdownPipelineBuilder().UsePipeTables().Build()
        );
        var comments = new List<HtmlBlock>();
        foreach (var block in document.Descendants<Block>())
        {
            switch (block)
            {
                case HtmlBlock comment:
                    comments.Add(comment);
                    break;
                case FencedCodeBlock code:
                    Blocks.Add(
                        new DocBlock(Blocks.Count, Headings.LastOrDefault() ?? "", code.Info ?? "", code.Lines.ToString(), comments)
                    );
                    comments = [];
                    break;
                case HeadingBlock heading:
                    Headings.Add(Text(heading));
                    break;
            }
        }

        Links = [.. document.Descendants<LinkInline>().Select(link => link.Url ?? "")];
        Spans = [.. document.Descendants<CodeInline>().Select(span => span.Content)];
    }

    /// <summary>Every page, by its path below the repository's root.</summary>
    public static IReadOnlyList<string> All { get; } =
    [.. Files(Repository.Root).Select(file => System.IO.Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal)];

    public string Path { get; }

    /// <summary>The blocks of code, in their order.</summary>
    public List<DocBlock> Blocks { get; } = [];

    public List<string> Headings { get; } = [];

    public IReadOnlyList<string> Links { get; }

    /// <summary>Code within sentences and tables.</summary>
    public IReadOnlyList<string> Spans { get; }

    /// <summary>What can follow a # in a link to this page.</summary>
    public IEnumerable<string> Anchors =>
        Headings
            .Select(Anchor)
            .GroupBy(anchor => anchor)
            .SelectMany(same => same.Select((anchor, index) => index == 0 ? anchor : $"{anchor}-{index}"));

    public static DocPage Read(string path) => new(path);

    /// <summary>The block that shows what a block prints, where the page has one.</summary>
    public string? Shown(DocBlock block) =>
        block.Number + 1 < Blocks.Count
        && Blocks[block.Number + 1] is { Info: "text", Heading: var heading } next
        && heading == block.Heading
            ? next.Code
            : null;

    private static string Anchor(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_'))
            .Replace(' ', '-');

    private static string Text(HeadingBlock heading) =>
        string.Concat(
            (heading.Inline ?? [])
                .Descendants()
                .Select(part =>
                    part switch
                    {
                        LiteralInline literal => literal.Content.ToString(),
                        CodeInline code => code.Content,
                        _ => "",
                    }
                )
        );

    private static IEnumerable<string> Files(string folder) =>
        Directory
            .EnumerateFiles(folder, "*.md")
            .Concat(
                Directory
                    .EnumerateDirectories(folder)
                    .Where(below => System.IO.Path.GetFileName(below) is not ("bin" or "obj" or "out") and not ['.', ..])
                    .SelectMany(Files)
            );
}

/// <summary>A block of code on a page.</summary>
/// <param name="Number">Its place among the page's blocks.</param>
/// <param name="Heading">The heading that it stands under.</param>
/// <param name="Info">What it is marked as, such as powershell.</param>
/// <param name="Code">Its text.</param>
/// <param name="Comments">The HTML comments before it.</param>
internal sealed record DocBlock(int Number, string Heading, string Info, string Code, IReadOnlyList<HtmlBlock> Comments)
{
    public bool IsPowerShell => Info == "powershell";

    /// <summary>What the comments say to the test that runs it.</summary>
    public Directions Directions => Directions.Read(Comments);

    /// <summary>Whether a test can run it.</summary>
    public bool Runs => IsPowerShell && Directions is { Terminal.Count: 0, Parsed: null } && !IsPester;

    /// <summary>Whether it is a file of Pester tests.</summary>
    public bool IsPester => IsPowerShell && Directions.Needs == "pester";
}
