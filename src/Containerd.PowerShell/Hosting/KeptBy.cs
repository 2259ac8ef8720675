using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Says what keeps something new from the garbage collector.</summary>
internal static class KeptBy
{
    internal static string Sentence(NamespaceClient ns, string noun) =>
        ns.Lease is { } lease
            ? $"The lease '{lease}' keeps the {noun}; when it ends, only what else refers to the {noun} does."
            : $"The label containerd.io/gc.root keeps the {noun} until it is removed, or loses the label.";
}
