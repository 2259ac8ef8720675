using System.Text;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Containerd.Help;

/// <summary>
/// Reads pages of Markdown: a heading with the cmdlet's name, a sentence, and the sections Description, Examples, Parameters, Notes and
/// Links. HTML comments are for the test that runs the examples and are left out.
/// </summary>
internal static class HelpFolder
{
    public static IReadOnlyDictionary<string, HelpPage> Read(string folder) =>
        Directory
            .EnumerateFiles(folder, "*.md")
            .Order(StringComparer.Ordinal)
            .Select(ReadPage)
            .ToDictionary(page => page.Name, StringComparer.OrdinalIgnoreCase);

    public static HelpPage ReadPage(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        var sections = Sections(path, Markdown.Parse(File.ReadAllText(path)));
        var head = sections[0];
        if (head.Title != name)
            throw Bad(path, $"the heading says '{head.Title}'");
        if (head.Blocks is not [ParagraphBlock synopsis])
            throw Bad(path, "one paragraph, the synopsis, comes after the heading");

        var page = new HelpPage(name) { Synopsis = Text(synopsis) };
        foreach (var section in sections.Skip(1).Where(section => section.Level == 2))
        {
            page = section.Title switch
            {
                "Description" => page with { Description = Texts(section.Blocks) },
                "Examples" => page with { Examples = [.. Below(section).Select(example => Example(path, example))] },
                "Parameters" => page with
                {
                    Parameters = Below(section)
                        .ToDictionary(
                            parameter => parameter.Title.TrimStart('-'),
                            parameter => Texts(parameter.Blocks),
                            StringComparer.OrdinalIgnoreCase
                        ),
                },
                "Notes" => page with { Notes = Texts(section.Blocks) },
                "Links" => page with
                {
                    Links = [.. section.Blocks.OfType<ListBlock>().SelectMany(list => list.OfType<ListItemBlock>()).Select(Link)],
                },
                _ => throw Bad(path, $"no section is called '{section.Title}'"),
            };
        }

        return page;

        IEnumerable<Section> Below(Section section) =>
            sections.SkipWhile(other => other != section).Skip(1).TakeWhile(other => other.Level == 3);
    }

    private static InvalidDataException Bad(string path, string why) => new($"{path}: {why}.");

    private static List<Section> Sections(string path, MarkdownDocument document)
    {
        var sections = new List<Section>();
        foreach (var block in document)
        {
            if (block is HeadingBlock heading)
                sections.Add(new Section(heading.Level, Text(heading), []));
            else
                (sections.LastOrDefault() ?? throw Bad(path, "it does not begin with a heading")).Blocks.Add(block);
        }

        return sections.Count > 0 ? sections : throw Bad(path, "it is empty");
    }

    private static HelpExample Example(string path, Section section)
    {
        var shown = section.Blocks.Where(block => block is not HtmlBlock).ToList();
        if (shown.FirstOrDefault() is not FencedCodeBlock { Info: "powershell" } code)
            throw Bad(path, $"the example '{section.Title}' does not begin with its code, a block that is marked powershell");
        var directions = Read();
        // Examples in Get-Help must be tested.
        if (directions.Parsed is not null)
            throw Bad(path, $"the example '{section.Title}' is only parsed");
        return new HelpExample(section.Title, code.Lines.ToString(), Texts(shown.Skip(1)))
        {
            Directions = directions,
            Output = shown.ElementAtOrDefault(1) is FencedCodeBlock { Info: "text" } output ? output.Lines.ToString() : null,
        };

        Directions Read()
        {
            try
            {
                return Directions.Read(section.Blocks.OfType<HtmlBlock>());
            }
            catch (InvalidDataException e)
            {
                throw Bad(path, e.Message);
            }
        }
    }

    private static HelpLink Link(ListItemBlock item)
    {
        var link = item.Descendants<LinkInline>().FirstOrDefault();
        return new HelpLink(string.Concat(item.OfType<LeafBlock>().Select(Text)), link?.Url);
    }

    private static IReadOnlyList<string> Texts(IEnumerable<Block> blocks) => [.. blocks.SelectMany(Texts)];

    private static IEnumerable<string> Texts(Block block) =>
        block switch
        {
            CodeBlock code => code.Lines.ToString().Split('\n').Select(line => "    " + line),
            ListBlock list => list.OfType<ListItemBlock>()
                .Select((item, index) => (list.IsOrdered ? $"{index + 1}. " : "- ") + string.Join(" ", item.SelectMany(Texts))),
            HtmlBlock => [],
            LeafBlock leaf => [Text(leaf)],
            ContainerBlock container => container.SelectMany(Texts),
            _ => [],
        };

    private static string Text(LeafBlock block)
    {
        var text = new StringBuilder();
        foreach (var inline in block.Inline ?? [])
            Append(text, inline);
        return text.ToString().Trim();
    }

    private static void Append(StringBuilder text, Inline inline)
    {
        switch (inline)
        {
            case LiteralInline literal:
                text.Append(literal.Content.AsSpan());
                break;
            case CodeInline code:
                text.Append(code.Content);
                break;
            case LineBreakInline:
                text.Append(' ');
                break;
            case AutolinkInline link:
                text.Append(link.Url);
                break;
            case HtmlEntityInline entity:
                text.Append(entity.Transcoded.AsSpan());
                break;
            case ContainerInline container:
                foreach (var child in container)
                    Append(text, child);
                break;
        }
    }

    private sealed record Section(int Level, string Title, List<Block> Blocks);
}
