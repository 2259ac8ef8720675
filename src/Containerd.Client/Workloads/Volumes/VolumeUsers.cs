using Containerd.Client.Records;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>The containers of all namespaces of a daemon, and which volumes they mount, whichever program created them.</summary>
internal sealed class VolumeUsers
{
    private readonly string _namespace;
    private readonly IReadOnlyList<(CtrContainer Container, string[] Sources)> _all;

    private VolumeUsers(string inNamespace, IReadOnlyList<(CtrContainer Container, string[] Sources)> all) =>
        (_namespace, _all) = (inNamespace, all);

    /// <summary>Reads the mounts of all containers.</summary>
    internal static Task<VolumeUsers> ReadAsync(RecordScope ns, CancellationToken cancellationToken) =>
        ReadAsync(ns, static _ => true, cancellationToken);

    /// <summary>Reads the mounts of some containers.</summary>
    internal static async Task<VolumeUsers> ReadAsync(
        RecordScope ns,
        Func<CtrContainer, bool> isWanted,
        CancellationToken cancellationToken
    )
    {
        var all = new List<(CtrContainer, string[])>();
        foreach (var name in await ns.Daemon.Namespaces.NamesAsync(cancellationToken).ConfigureAwait(false))
        {
            var scope = name == ns.Namespace ? ns : new RecordScope(ns.Connection, name);
            foreach (var container in (await scope.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false)).Where(isWanted))
            {
                var sources = SourcesOf(container.Spec);
                if (sources.Length > 0 || container.HasUnreadableSpec)
                    all.Add((container, sources));
            }
        }

        return new VolumeUsers(ns.Namespace, all);
    }

    /// <summary>The containers that mount a folder, or something in it, or could: their specs cannot be read.</summary>
    /// <param name="folder">The folder of a volume.</param>
    internal string[] Of(string folder) =>
        [
            .. _all.Where(user =>
                    user.Container.HasUnreadableSpec || user.Sources.Any(source => source == folder || IsBelow(source, folder))
                )
                .Select(user => Show(user.Container)),
        ];

    private string Show(CtrContainer container)
    {
        string?[] notes =
        [
            container.Namespace == _namespace ? null : $"namespace {container.Namespace}",
            container.HasUnreadableSpec ? "its spec cannot be read" : null,
        ];
        var text = string.Join(", ", notes.OfType<string>());
        return text.Length == 0 ? $"{container}" : $"{container} ({text})";
    }

    /// <summary>Whether a spec mounts a folder, or something in it.</summary>
    internal static bool IsMounted(CtrSpec? spec, string folder) =>
        SourcesOf(spec).Any(source => source == folder || IsBelow(source, folder));

    /// <summary>The absolute paths that a spec mounts. Any client may have written them.</summary>
    internal static string[] SourcesOf(CtrSpec? spec) =>
        [
            .. (spec?.Mounts ?? [])
                .Select(mount => mount.Source)
                .OfType<string>()
                .Where(source => source.StartsWith('/') && !source.Contains('\0', StringComparison.Ordinal))
                .Select(source => Path.TrimEndingDirectorySeparator(Path.GetFullPath(source))),
        ];

    private static bool IsBelow(string path, string folder) => path.StartsWith(folder + "/", StringComparison.Ordinal);
}
