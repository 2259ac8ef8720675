using Markdig.Syntax;

namespace Containerd.Help;

/// <summary>The instructions in HTML comments before a block of code for the test that runs it; readers do not see them.</summary>
internal sealed record Directions
{
    /// <summary>The commands that are assumed to have been run before: PowerShell, in a comment that begins with "given:".</summary>
    public string Given { get; init; } = "";

    /// <summary>Additional requirements, "criu", "ssh" or "pester", after "needs:".</summary>
    public string? Needs { get; init; }

    /// <summary>The expected FullyQualifiedErrorId of the code, after "fails:".</summary>
    public string? Fails { get; init; }

    /// <summary>
    /// For code that requires an interactive terminal, the steps for each line, each after "terminal:", as in "/ # | exit Enter". Empty for
    /// any other code.
    /// </summary>
    public IReadOnlyList<HelpScene> Terminal { get; init; } = [];

    /// <summary>The reason for which it is only parsed, after "parsed:".</summary>
    public string? Parsed { get; init; }

    /// <summary>Reads the comments before one block of code.</summary>
    /// <exception cref="InvalidDataException">A comment has another form.</exception>
    public static Directions Read(IEnumerable<HtmlBlock> comments)
    {
        var lines = comments
            .SelectMany(html => html.Lines.ToString().Split("-->"))
            .Select(comment => comment.Replace("<!--", "", StringComparison.Ordinal).Trim())
            .Where(line => line.Length > 0)
            .ToList();
        string[] known = ["given", "needs", "fails", "parsed", "terminal"];
        if (lines.Find(line => !known.Any(name => After(line, name) is not null)) is { } unknown)
            throw new InvalidDataException($"the comment '{unknown}' is neither given: nor needs: nor fails: nor parsed: nor terminal:");
        return new Directions
        {
            Given = string.Join('\n', All("given")),
            Needs = All("needs").FirstOrDefault(),
            Fails = All("fails").FirstOrDefault(),
            Parsed = All("parsed").FirstOrDefault(),
            Terminal =
            [
                .. All("terminal").Select(scene => scene.Split(" | ")).Select(scene => new HelpScene(scene[0], scene[1].Split(' '))),
            ],
        };

        IEnumerable<string> All(string name) => lines.Select(line => After(line, name)).OfType<string>();
    }

    private static string? After(string line, string name) =>
        line.StartsWith(name + ":", StringComparison.Ordinal) ? line[(name.Length + 1)..].Trim() : null;
}
