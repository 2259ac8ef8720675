using Containerd.Client.Records;

namespace Containerd.Client.Storage;

/// <summary>
/// The lease that reserves a container's name: empty, without expiry, with an id that is derived from the name and a label that contains
/// the container's id. If several clients create it at the same time, only one succeeds.
/// </summary>
internal static class NameLease
{
    /// <summary>The label with the id of the container that has the name.</summary>
    internal const string Container = ContainerLabels.OwnPrefix + "container";

    // Names do not contain a slash: so the lease of a name cannot have the id of another kind of lease.
    private const string Prefix = "pwsh-name/";
    private const string TakeoverPrefix = "pwsh-name-takeover/";

    internal static string IdOf(string name) => Prefix + name;

    /// <summary>The lease that a client holds while it removes an orphaned name.</summary>
    internal static string TakeoverIdOf(string name) => TakeoverPrefix + name;

    /// <summary>The name that a lease reserves; null for a lease of any other kind.</summary>
    internal static string? NameOf(string id, IDictionary<string, string> labels) =>
        id.StartsWith(Prefix, StringComparison.Ordinal) && labels.ContainsKey(Container) ? id[Prefix.Length..] : null;

    /// <summary>The id of the container that a lease reserves a name for; null for a lease of any other kind.</summary>
    internal static string? HolderOf(CtrLease lease) => lease.Labels.TryGetValue(Container, out var id) ? id : null;
}
