namespace Containerd.Help;

/// <summary>The content of a page of docs/help about its cmdlet.</summary>
internal sealed record HelpPage(string Name)
{
    /// <summary>What the cmdlet does, in one sentence.</summary>
    public required string Synopsis { get; init; }

    public IReadOnlyList<string> Description { get; init; } = [];

    public IReadOnlyList<HelpExample> Examples { get; init; } = [];

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>
    /// Texts that replace the doc comments of parameters, if the cmdlet's description differs from that of the declaring class.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    public IReadOnlyList<HelpLink> Links { get; init; } = [];
}

/// <summary>A command that works unchanged, and its output.</summary>
internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks)
{
    /// <summary>The instructions for the test that runs it.</summary>
    public Directions Directions { get; init; } = new();

    /// <summary>Its output, if the page shows it; otherwise null.</summary>
    public string? Output { get; init; }
}

/// <summary>The start of a line in the window when a command has started, and the keys that end it, by their names in tmux.</summary>
internal sealed record HelpScene(string Shows, IReadOnlyList<string> Keys);

internal sealed record HelpLink(string Text, string? Address);
