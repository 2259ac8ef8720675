namespace Containerd.Client;

/// <summary>The unused images to remove.</summary>
public sealed record ImageCleanupOptions
{
    /// <summary>Selects names; null for all.</summary>
    public Func<string, bool>? Names { get; init; }

    /// <summary>The labels that a name must have.</summary>
    public StoreFilter Filter { get; init; } = StoreFilter.All;

    /// <summary>Whether the labels of a name exclude it; null for none.</summary>
    internal Func<IReadOnlyDictionary<string, string>, bool>? Spare { get; init; }

    /// <summary>Which containers count as users; null for all.</summary>
    internal Func<CtrContainer, bool>? Users { get; init; }

    /// <summary>The minimum time since the last change of a name; null for none.</summary>
    public TimeSpan? OlderThan { get; init; }
}
