using Containerd.Client.Transport;
using Containerd.Client.Wire.Images;

namespace Containerd.Client.Storage;

/// <summary>
/// The objects of a namespace and their references, as containerd's garbage collector sees them: labels that begin with
/// <c>containerd.io/gc.</c>, the targets of images, the snapshots of containers, and leases.
/// </summary>
internal sealed class StorageGraph
{
    private const string ContentReference = "containerd.io/gc.ref.content";
    private const string SnapshotReference = "containerd.io/gc.ref.snapshot.";
    private const string ContentBackReference = "containerd.io/gc.bref.content";
    private const string SnapshotBackReference = "containerd.io/gc.bref.snapshot.";
    private const string FlatLease = "containerd.io/gc.flat";

    private readonly Dictionary<Node, List<Node>> _edges = [];
    private readonly List<Node> _rooted = [];

    private StorageGraph() { }

    /// <summary>A blob or a snapshot; the space is empty for a blob, else the snapshotter.</summary>
    internal readonly record struct Node(string Space, string Name)
    {
        internal static Node Content(string digest) => new("", digest);

        internal static Node Snapshot(string snapshotter, string name) => new(snapshotter, name);
    }

    /// <summary>The name of an image and its target.</summary>
    internal sealed record ImageName(string Name, string Target, Node[] References);

    internal IReadOnlyList<CtrContent> Blobs { get; private set; } = [];

    internal IReadOnlyList<CtrSnapshot> Snapshots { get; private set; } = [];

    internal IReadOnlyList<ImageName> Images { get; private set; } = [];

    internal IReadOnlyList<CtrContainer> Containers { get; private set; } = [];

    /// <summary>The leases that have not expired.</summary>
    internal IReadOnlyList<CtrLease> Leases { get; private set; } = [];

    /// <summary>Reads a namespace, with the snapshots of the given snapshotters.</summary>
    internal static async Task<StorageGraph> LoadAsync(
        StorageScope ns,
        IReadOnlyList<string> snapshotters,
        CancellationToken cancellationToken
    )
    {
        // Referrers are read before their targets: objects that are created in the meantime are then treated as needed instead of unused.
        var graph = new StorageGraph
        {
            Leases =
            [
                .. (await ns.Leases.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Where(l =>
                    l.ExpiresAt is not { } end || end > DateTime.Now
                ),
            ],
            Containers = await ns.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false),
        };
        var answer = await new Wire.Images.Images.ImagesClient(ns.Calls())
            .ListAsync(new ListImagesRequest(), cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Image)
            .ConfigureAwait(false);
        graph.Images =
        [
            .. answer.Images.Select(i => new ImageName(i.Name, i.Target.Digest, [Node.Content(i.Target.Digest), .. References(i.Labels)])),
        ];
        graph.Blobs = await ns.Content.Records.ListPlainAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false);
        var snapshots = new List<CtrSnapshot>();
        foreach (var snapshotter in snapshotters)
            snapshots.AddRange(await ns.Snapshots.ListAsync(snapshotter, StoreFilter.All, cancellationToken).ConfigureAwait(false));
        graph.Snapshots = snapshots;
        graph.Link();
        return graph;
    }

    /// <summary>All objects that these refer to, including themselves.</summary>
    internal HashSet<Node> Reach(IEnumerable<Node> from)
    {
        var reached = new HashSet<Node>();
        var pending = new Stack<Node>(from);
        while (pending.TryPop(out var node))
        {
            if (!reached.Add(node) || !_edges.TryGetValue(node, out var next))
                continue;
            foreach (var child in next)
                pending.Push(child);
        }

        return reached;
    }

    /// <summary>The objects that the garbage collector would keep if only these images had names.</summary>
    /// <param name="images">The images.</param>
    /// <param name="containers">The containers that exist; null for all.</param>
    internal HashSet<Node> Kept(IEnumerable<ImageName> images, IEnumerable<CtrContainer>? containers = null)
    {
        var roots = new List<Node>(_rooted);
        roots.AddRange(images.SelectMany(i => i.References));
        foreach (var container in containers ?? Containers)
        {
            if (container.SnapshotKey.Length > 0)
                roots.Add(Node.Snapshot(container.Snapshotter, container.SnapshotKey));
            roots.AddRange(References(container.Labels));
        }

        var flat = new List<Node>();
        foreach (var lease in Leases)
            (lease.Labels.ContainsKey(FlatLease) ? flat : roots).AddRange(lease.Resources.SelectMany(Held));
        var kept = Reach(roots);
        kept.UnionWith(flat);
        return kept;
    }

    /// <summary>The users of a blob or a snapshot: containers, images and leases by their names, for a sentence.</summary>
    internal IReadOnlyList<string> UsersOf(Node item, string? exceptLease) =>
        [
            .. Containers
                .Where(c => Node.Snapshot(c.Snapshotter, c.SnapshotKey) == item || Reach(References(c.Labels)).Contains(item))
                .Select(c => $"the container '{c.ContainerId}'"),
            .. Images.Where(i => Reach(i.References).Contains(item)).Select(i => $"the image '{i.Name}'"),
            .. Leases.Where(l => l.Id != exceptLease && l.Resources.SelectMany(Held).Contains(item)).Select(l => $"the lease '{l.Id}'"),
        ];

    private IEnumerable<Node> Held(CtrLeaseResource resource) =>
        resource.Type switch
        {
            "content" => [Node.Content(resource.Id)],
            "images" => Images.Where(i => i.Name == resource.Id).SelectMany(i => i.References),
            _ when resource.Type.StartsWith("snapshots/", StringComparison.Ordinal) =>
            [
                Node.Snapshot(resource.Type["snapshots/".Length..], resource.Id),
            ],
            _ => [],
        };

    private void Link()
    {
        foreach (var blob in Blobs)
            Add(Node.Content(blob.Digest), blob.Labels);
        foreach (var snapshot in Snapshots)
        {
            var node = Node.Snapshot(snapshot.Snapshotter, snapshot.Name);
            Add(node, snapshot.Labels);
            if (snapshot.Parent.Length > 0)
                AddEdge(node, Node.Snapshot(snapshot.Snapshotter, snapshot.Parent));
        }
    }

    private void Add(Node node, CtrMap labels)
    {
        if (labels.ContainsKey(Retention.Root) || Retention.ExpiresAt(labels) > DateTime.Now)
            _rooted.Add(node);
        foreach (var child in References(labels))
            AddEdge(node, child);
        // A child may refer to its parent.
        foreach (var (key, value) in labels)
        {
            if (Named(key, ContentBackReference))
                AddEdge(Node.Content(value), node);
            else if (key.StartsWith(SnapshotBackReference, StringComparison.Ordinal))
                AddEdge(Node.Snapshot(key[SnapshotBackReference.Length..].Split('/')[0], value), node);
        }
    }

    private void AddEdge(Node from, Node to)
    {
        if (!_edges.TryGetValue(from, out var edges))
            _edges[from] = edges = [];
        edges.Add(to);
    }

    private static IEnumerable<Node> References(IDictionary<string, string> labels)
    {
        foreach (var (key, value) in labels)
        {
            if (Named(key, ContentReference))
                yield return Node.Content(value);
            else if (key.StartsWith(SnapshotReference, StringComparison.Ordinal))
                yield return Node.Snapshot(key[SnapshotReference.Length..].Split('/')[0], value);
        }
    }

    // After a dot or a slash, a reference has its own name.
    private static bool Named(string key, string reference) =>
        key.StartsWith(reference, StringComparison.Ordinal) && (key.Length == reference.Length || key[reference.Length] is '.' or '/');
}
