using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Describes what protects a new object from the garbage collector.</summary>
internal static class KeptBy
{
    internal static string Sentence(NamespaceClient ns, string noun) =>
        ns.Lease is { } lease
            ? $"The lease '{lease}' keeps the {noun}. When the lease ends, the garbage collector removes it unless it is used elsewhere."
            : $"The label containerd.io/gc.root keeps the {noun} until the {noun} or the label is removed.";
}
