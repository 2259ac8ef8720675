namespace Containerd.Help;

/// <summary>What a page of docs/help says about its cmdlet.</summary>
internal sealed record HelpPage(string Name)
{
    /// <summary>What the cmdlet does, in one sentence.</summary>
    public required string Synopsis { get; init; }

    public IReadOnlyList<string> Description { get; init; } = [];

    public IReadOnlyList<HelpExample> Examples { get; init; } = [];

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>
    /// What takes the place of a parameter's doc comment, where the cmdlet has more to say than the class that declares it.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    public IReadOnlyList<HelpLink> Links { get; init; } = [];
}

/// <summary>A command that works as it stands, and what it shows.</summary>
internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks)
{
    /// <summary>What the test that runs it is to know.</summary>
    public Directions Directions { get; init; } = new();

    /// <summary>What it prints, where the page shows it; null where it does not.</summary>
    public string? Output { get; init; }
}

/// <summary>What a line of the window begins with when a command is there, and the keys that end it, by tmux's names.</summary>
internal sealed record HelpScene(string Shows, IReadOnlyList<string> Keys);

internal sealed record HelpLink(string Text, string? Address);
