namespace Containerd.Client;

/// <summary>What containerd knows about a blob (content.v1 Info).</summary>
/// <param name="Digest">Its digest, such as <c>sha256:…</c>.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Labels">Its labels in this namespace.</param>
public sealed record ContentInfo(string Digest, long Size, IReadOnlyDictionary<string, string> Labels);
