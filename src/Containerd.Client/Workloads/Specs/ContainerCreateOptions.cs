using System.Collections;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Specs;
using Containerd.Oci;

namespace Containerd.Client;

/// <summary>The options for a new container.</summary>
public sealed record ContainerCreateOptions
{
    /// <summary>The id, unique in the namespace.</summary>
    public required string Id { get; init; }

    /// <summary>A name, unique in the namespace among names and ids; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The image whose snapshot becomes its root file system, and whose configuration provides its defaults; null for none.
    /// </summary>
    public string? Image { get; init; }

    /// <summary>The pull policy of the image.</summary>
    public CtrPullPolicy Pull { get; init; } = CtrPullPolicy.Never;

    /// <summary>The connection options for the registry; null for the defaults.</summary>
    public RegistryOptions? Registry { get; init; }

    /// <summary>Receives the progress of a pull, frequently and on any thread; null for none.</summary>
    public IProgress<ImageProgress>? PullProgress { get; init; }

    /// <summary>Receives the image after it was pulled, on any thread; null for none.</summary>
    public IProgress<CtrImage>? Pulled { get; init; }

    /// <summary>The platform of the image, such as <c>linux/arm64</c>; null for the host's.</summary>
    public string? Platform { get; init; }

    /// <summary>
    /// A directory of the daemon's host that is its root file system; null for none. It is not copied, and not removed with the container.
    /// </summary>
    public string? Rootfs { get; init; }

    /// <summary>A full spec, which is used unchanged; null to build one from <see cref="Options"/> and the image.</summary>
    public CtrSpec? Spec { get; init; }

    /// <summary>The options for a built spec; not used with a full spec.</summary>
    public SpecOptions Options { get; init; } = new();

    /// <summary>
    /// Other containers, by id or name, whose volumes and folders of the host are mounted in it at the same targets; with <c>:ro</c> after
    /// the name they are read-only. Not used with a full spec.
    /// </summary>
    public IReadOnlyList<string> VolumesFrom { get; init; } = [];

    /// <summary>Its networks, published ports and names.</summary>
    public ContainerNetworkOptions Network { get; init; } = new();

    /// <summary>
    /// Labels in addition to those of the image, each of at most 4,096 bytes; they must not start with <c>containerd-powershell/</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>This client's own labels.</summary>
    internal IReadOnlyDictionary<string, string> OwnLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Receives warnings, such as about a label of the image that is too long and omitted; null for none.</summary>
    public IProgress<string>? Warnings { get; init; }

    /// <summary>
    /// The runtime: a short name (<c>runc</c>, <c>crun</c>), containerd's name for it (<c>io.containerd.runc.v2</c>), or a shim's path;
    /// null for the namespace's default.
    /// </summary>
    public string? Runtime { get; init; }

    /// <summary>
    /// Options for the runtime, by the names of its options message (<c>BinaryName</c>, <c>SystemdCgroup</c>); null for none.
    /// </summary>
    public IDictionary? RuntimeOptions { get; init; }

    /// <summary>
    /// Additional data that is stored with the container, by name (containers.v1 extensions); each value is stored as JSON. Null for none.
    /// </summary>
    public IDictionary? Extensions { get; init; }

    /// <summary>The stored runtime and options of another container, instead of <see cref="Runtime"/>.</summary>
    internal Wire.Containers.Container.Types.Runtime? StoredRuntime { get; init; }

    /// <summary>The images that a full spec mounts, of another container: the new container gets its own views of them.</summary>
    internal IReadOnlyList<MountedImage> MountedImages { get; init; } = [];

    /// <summary>Writes content to the new read-write snapshot.</summary>
    internal Func<ResolvedImage, LeasedSnapshot, CancellationToken, Task>? Fill { get; init; }

    /// <summary>The snapshotter; null for the namespace's default.</summary>
    public string? Snapshotter { get; init; }

    /// <summary>When containerd starts it again, once a client has started it; null for never.</summary>
    public CtrRestartPolicy? RestartPolicy { get; init; }

    /// <summary>The signal that stops it gracefully; null for the image's, else SIGTERM.</summary>
    public CtrSignal? StopSignal { get; init; }
}
