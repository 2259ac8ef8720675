namespace Containerd.Client;

/// <summary>A checkpoint that is not known to be from the restoring daemon, and the privileges that it would get.</summary>
/// <param name="Path">The checkpoint.</param>
/// <param name="Reason">The reason for which it is not trusted, as a sentence.</param>
/// <param name="Grants">The privileges of its container on the host, one line each, without control characters.</param>
public sealed record UntrustedCheckpoint(string Path, string Reason, IReadOnlyList<string> Grants)
{
    /// <summary>The confirmation prompt before it is restored.</summary>
    public string Question =>
        $"{Reason} Its memory images are restored by root with the user ids, capabilities and system call filters that they "
        + "contain, so the person who created it can do anything on this "
        + "host. "
        + (
            Grants.Count == 0
                ? "According to its spec, the container has no special privileges."
                : $"According to its spec, the container gets: {string.Join("; ", Grants)}."
        )
        + " "
        + "Do you want to restore it?";
}
