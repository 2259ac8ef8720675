namespace Containerd.Host.Volumes;

/// <summary>The facts about a volume that are stored beside its files.</summary>
internal sealed record VolumeRecord
{
    /// <summary>The labels.</summary>
    public Dictionary<string, string>? Labels { get; init; }

    /// <summary>The time of the creation, in UTC.</summary>
    public DateTime? CreatedAt { get; init; }

    /// <summary>Whether it was created without a name, and can be removed with its container.</summary>
    public bool Anonymous { get; init; }

    /// <summary>The image whose content it received; null if it received none.</summary>
    public string? CopiedFrom { get; init; }
}

/// <summary>The daemon that the volumes in a folder belong to.</summary>
internal sealed record VolumeOwner
{
    /// <summary>The folder of the daemon's data.</summary>
    public string? Root { get; init; }

    /// <summary>The address of the daemon.</summary>
    public string? Address { get; init; }
}
