namespace Containerd.Host.Networks.Requests;

/// <summary>The settings for the container's resolver that were specified for it.</summary>
internal sealed record RequestedDns
{
    /// <summary>The addresses of the servers.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>The domains that are searched.</summary>
    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>The resolver's options, such as ndots:1.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Replaces what a document did not have, and writes addresses in their usual form.</summary>
    internal RequestedDns Complete() =>
        this with
        {
            Servers = [.. (Servers ?? []).Select(AddressText.Normalize)],
            Search = Search ?? [],
            Options = Options ?? [],
        };
}
