using System.Globalization;
using Containerd.Client.Images;

namespace Containerd.Client.Workloads.Containers;

/// <summary>
/// Finds the objects that belong to containers: image, snapshots, task and execs. Objects that are removed in the meantime are omitted, or
/// marked as missing.
/// </summary>
internal sealed class ContainerTree(ImageScope ns, ExecService execService)
{
    private readonly Dictionary<(string Snapshotter, string Key), CtrSnapshot?> _snapshots = [];
    private Dictionary<string, string> _images = [];
    private Dictionary<string, CtrTask> _tasks = [];

    /// <summary>The namespace with these containers.</summary>
    internal async Task<CtrTree> OfAsync(IReadOnlyList<CtrContainer> containers, CancellationToken cancellationToken)
    {
        _images = (await ns.ImageRecords.TargetsAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(
            i => i.Name,
            i => i.Digest,
            StringComparer.Ordinal
        );
        _tasks = (await ns.TaskRecords.ListAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(
            t => t.ContainerId,
            StringComparer.Ordinal
        );
        var parts = new List<CtrTree>();
        foreach (var container in containers)
            parts.Add(await OfAsync(container, cancellationToken).ConfigureAwait(false));
        return Part(CtrTreeKind.Namespace, ns.Namespace, parts.Count == 1 ? "" : $"{parts.Count} containers", parts);
    }

    private async Task<CtrTree> OfAsync(CtrContainer container, CancellationToken cancellationToken)
    {
        var parts = new List<CtrTree>();
        if (container.Image.Length > 0)
        {
            var found = _images.TryGetValue(container.Image, out var digest);
            parts.Add(Part(CtrTreeKind.Image, container.Image, found ? Short(digest!) : "no longer exists", missing: !found));
        }

        if (container.SnapshotKey.Length > 0)
            parts.Add(await SnapshotAsync(container.Snapshotter, container.SnapshotKey, cancellationToken).ConfigureAwait(false));
        else if (container.Spec?.Root?.Path is { Length: > 0 } root)
            parts.Add(Part(CtrTreeKind.Rootfs, root, container.Spec.Root.Readonly == true ? "read-only" : ""));
        if (_tasks.TryGetValue(container.ContainerId, out var task))
            parts.Add(await TaskAsync(task, cancellationToken).ConfigureAwait(false));
        var state =
            task is not null ? ""
            : container.LastExit is { } exit ? $", ended with {Code(exit.ExitCode)} {When(exit.ExitedAt)}"
            : ", never started";
        return Part(CtrTreeKind.Container, container.ContainerId, container.Runtime + state, parts);
    }

    /// <summary>
    /// The snapshot of a container, and all its parents, from the top down: as one list, because nesting one level for each layer would be
    /// too deep for the output of a job.
    /// </summary>
    private async Task<CtrTree> SnapshotAsync(string snapshotter, string key, CancellationToken cancellationToken)
    {
        var top = await FindAsync(snapshotter, key, cancellationToken).ConfigureAwait(false);
        var below = new List<CtrTree>();
        for (var at = top; at is { Parent.Length: > 0 }; )
        {
            var parent = at.Parent;
            at = await FindAsync(snapshotter, parent, cancellationToken).ConfigureAwait(false);
            below.Add(Layer(snapshotter, parent, at, []));
        }

        return Layer(snapshotter, key, top, below);
    }

    private CtrTree Layer(string snapshotter, string key, CtrSnapshot? snapshot, IReadOnlyList<CtrTree> below) =>
        snapshot is null
            ? Part(CtrTreeKind.Snapshot, Short(key), $"{snapshotter}, no longer exists", missing: true)
            : Part(
                CtrTreeKind.Snapshot,
                Short(key),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{snapshotter}, {snapshot.Kind.ToString().ToLowerInvariant()}, {new CtrSize(snapshot.Size ?? 0)}"
                ),
                below
            );

    /// <summary>A snapshot with its size; null if it does not exist or is removed in the meantime.</summary>
    private async Task<CtrSnapshot?> FindAsync(string snapshotter, string key, CancellationToken cancellationToken)
    {
        if (_snapshots.TryGetValue((snapshotter, key), out var known))
            return known;
        var snapshot = await ns.Snapshots.Records.FindAsync(snapshotter, key, cancellationToken).ConfigureAwait(false);
        if (snapshot is not null && !await ns.Snapshots.TryMeasureAsync(snapshot, cancellationToken).ConfigureAwait(false))
            snapshot = null;
        return _snapshots[(snapshotter, key)] = snapshot;
    }

    private async Task<CtrTree> TaskAsync(CtrTask task, CancellationToken cancellationToken)
    {
        IReadOnlyList<CtrProcess> execs = [];
        if (task.Status is CtrStatus.Running or CtrStatus.Paused)
        {
            try
            {
                execs = await execService.ListRunningAsync(task.ContainerId, cancellationToken).ConfigureAwait(false);
            }
            catch (CtrException e) when (e is CtrNotFoundException or CtrConflictException or CtrRuntimeException)
            {
                // It has just exited, or its shim does not answer: its own line shows what is known.
            }
        }

        var detail =
            task.Status == CtrStatus.Stopped
                ? $"stopped with {Code(task.ExitCode)} {When(task.ExitedAt)}"
                : task.Status.ToString().ToLowerInvariant();
        var tree = Part(CtrTreeKind.Task, task.Pid.ToString(CultureInfo.InvariantCulture), detail.TrimEnd(), [.. execs.Select(Exec)]);
        tree.Status = task.Status;
        return tree;
    }

    private CtrTree Exec(CtrProcess exec)
    {
        var tree = Part(
            CtrTreeKind.Exec,
            exec.ExecId,
            string.Create(CultureInfo.InvariantCulture, $"{exec.Pid}  {string.Join(' ', exec.Command)}").TrimEnd()
        );
        tree.Status = exec.Status;
        return tree;
    }

    private CtrTree Part(CtrTreeKind kind, string name, string detail, IReadOnlyList<CtrTree>? children = null, bool missing = false) =>
        ns.Stamp(
            new CtrTree
            {
                Kind = kind,
                Name = name,
                Detail = detail,
                IsMissing = missing,
                Children = [.. children ?? []],
            }
        );

    private static string Short(string name) =>
        name.StartsWith("sha256:", StringComparison.Ordinal) && name.Length > 19 ? name[7..19] : name;

    private static string Code(int? code) =>
        code is int known ? string.Create(CultureInfo.InvariantCulture, $"code {known}") : "an unknown code";

    private static string When(DateTime? time) =>
        time is { } at ? string.Create(CultureInfo.InvariantCulture, $"at {at:yyyy-MM-dd HH:mm:ss}") : "";
}
