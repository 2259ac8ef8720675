using Google.Protobuf.Reflection;

namespace Containerd.Client.Tests.Wire;

/// <summary>A .proto file of containerd's, and where it comes from.</summary>
internal sealed record PackagedProto(string Origin, FileDescriptorProto File);

/// <summary>Holds a file of ours against every file of containerd's that speaks of the same things.</summary>
internal sealed class WireComparison
{
    private readonly ILookup<string, (string Origin, WireFact Fact)> _theirs;

    public WireComparison(IEnumerable<PackagedProto> theirs) =>
        _theirs = theirs
            .SelectMany(proto => WireFact.Of(proto.File).Select(fact => (proto.Origin, Fact: fact)))
            .ToLookup(entry => entry.Fact.Scope);

    /// <summary>
    /// One line for whatever we declare and no version of containerd does, and for whatever any version declares otherwise.
    /// What containerd has and we leave out is no difference.
    /// </summary>
    public IReadOnlyList<string> Differences(FileDescriptorProto ours)
    {
        var differences = new List<string>();
        foreach (var fact in WireFact.Of(ours))
        {
            var same = _theirs[fact.Scope].Where(entry => fact.SameThing(entry.Fact)).ToList();
            if (same.Count == 0)
                differences.Add($"{fact.Scope}: \"{fact.Text}\" is in no containerd that was looked at");
            differences.AddRange(
                same.Where(entry => entry.Fact.Text != fact.Text)
                    .Select(entry => $"{fact.Scope}: ours is \"{fact.Text}\", {entry.Origin} has \"{entry.Fact.Text}\"")
            );
        }

        return differences;
    }
}
