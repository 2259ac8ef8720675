namespace Containerd.Client;

/// <summary>Which unused images are removed.</summary>
public sealed record ImageCleanupOptions
{
    /// <summary>Which names; null for all.</summary>
    public Func<string, bool>? Names { get; init; }

    /// <summary>The labels that a name must have.</summary>
    public StoreFilter Filter { get; init; } = StoreFilter.All;

    /// <summary>Whether a name's labels spare it; null for none.</summary>
    internal Func<IReadOnlyDictionary<string, string>, bool>? Spare { get; init; }

    /// <summary>How long ago a name must have been changed last; null for no matter when.</summary>
    public TimeSpan? OlderThan { get; init; }
}
