using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists containers.</summary>
[Cmdlet(VerbsCommon.Get, "CtrContainer", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrContainer))]
public sealed class GetCtrContainerCommand : ContainerListCmdlet<CtrContainer>
{
    /// <summary>The time for which a list of tasks is reused for subsequent containers, in milliseconds.</summary>
    private const long Freshness = 500;

    // Not a tuple: its layout would require the client's assembly before the module has loaded it.
    private NamespaceClient? _listed;
    private TaskIndex? _tasks;
    private long _listedAt;

    /// <summary>
    /// Specifies labels that the containers have. Specify a hashtable, or strings such as app=web; a string without = matches any value,
    /// and a value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>Specifies the states of the containers to return. A container that is not running is Created or Stopped.</summary>
    [Parameter]
    public CtrStatus[]? Status { get; set; }

    /// <summary>Specifies the images of the containers to return, by full or short name; wildcards are permitted.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Image { get; set; }

    /// <summary>Specifies the networks of the containers to return; wildcards are permitted.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContainerNetworkCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Network { get; set; }

    /// <summary>
    /// Specifies what the containers to return mount: the names of volumes, or the paths where something is mounted in the container, such
    /// as /data; wildcards are permitted.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Volume { get; set; }

    /// <summary>
    /// Indicates that the property Details is filled in: the settings of the container, its mounts and limits, its task and the files of
    /// its output. This requires a call for each image.
    /// </summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override async Task<CtrContainer> GetAsync(NamespaceClient ns, string id, CancellationToken cancellationToken) =>
        (
            await CompleteAsync(ns, [await ns.Containers.GetAsync(id, cancellationToken).ConfigureAwait(false)], cancellationToken)
                .ConfigureAwait(false)
        )[0];

    private protected override async Task<IReadOnlyList<CtrContainer>> ListAsync(NamespaceClient ns, CancellationToken cancellationToken) =>
        await CompleteAsync(ns, await ns.Containers.ListAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>A stopped task contains the last exit of the container. Many ids and objects are read with one listing.</summary>
    private async Task<IReadOnlyList<CtrContainer>> CompleteAsync(
        NamespaceClient ns,
        IReadOnlyList<CtrContainer> containers,
        CancellationToken cancellationToken
    )
    {
        if (containers.Count == 0)
            return containers;
        if (_tasks is null || _listed != ns || Environment.TickCount64 - _listedAt > Freshness)
        {
            _tasks = await ns.Tasks.TryIndexAsync(cancellationToken).ConfigureAwait(false);
            (_listed, _listedAt) = (ns, Environment.TickCount64);
        }

        ns.Containers.Complete(containers, _tasks);
        return containers;
    }

    private protected override void Write(NamespaceClient ns, CtrContainer item)
    {
        if (!Detailed)
        {
            WriteObject(item);
            return;
        }

        Await(cancellationToken => ns.Containers.DetailAsync([item], _tasks!, cancellationToken));
        WriteDetailed(item);
    }

    private protected override bool IsWanted(CtrContainer item) =>
        StringMap.Has(item.Labels, Label)
        && (Status is null || (item.Status is { } status && Status.Contains(status)))
        && (Image is null || Image.Any(name => ImageNames.Named(name)(item.Image)))
        && (Network is null || item.Networks.Any(n => IsAny(Network, n.Network)))
        && (Volume is null || Volume.Any(volume => Mounts(item, volume)));

    // A name has no slash, and every container has mounts without a volume.
    private static bool Mounts(CtrContainer item, string volume) =>
        volume.Contains('/', StringComparison.Ordinal)
            ? item.Spec?.Mounts?.Any(mount => IsAny([volume], mount.Destination)) == true
            : item.Volumes.Any(name => IsAny([volume], name));

    private static bool IsAny(string[] patterns, string name) =>
        Array.Exists(patterns, pattern => NamePattern.Get(pattern, WildcardOptions.None).IsMatch(name));
}
