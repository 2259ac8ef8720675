namespace Containerd.Client;

/// <summary>Which unused images are removed.</summary>
public sealed record ImageCleanupOptions
{
    /// <summary>Selects names; null for all.</summary>
    public Func<string, bool>? Names { get; init; }

    /// <summary>The labels that a name must have.</summary>
    public StoreFilter Filter { get; init; } = StoreFilter.All;

    /// <summary>Whether a name's labels spare it; null for none.</summary>
    internal Func<IReadOnlyDictionary<string, string>, bool>? Spare { get; init; }

    /// <summary>The minimum time since the last change of a name; null for none.</summary>
    public TimeSpan? OlderThan { get; init; }
}
