using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Creates a snapshot on top of a committed one: writable, or read-only with -View.</summary>
[Cmdlet(VerbsCommon.New, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrSnapshot))]
public sealed class NewCtrSnapshotCommand : SessionCmdlet
{
    private const string ByName = "Parent";
    private const string ByObject = "InputObject";
    private const string ByImage = "Image";

    /// <summary>Specifies the name of the new snapshot.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Specifies the committed snapshot that is the parent. By default, the new snapshot is empty.</summary>
    [Parameter(Position = 1, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Parent { get; set; }

    /// <summary>Specifies the committed snapshot that is the parent, as Get-CtrSnapshot and Save-CtrSnapshot return it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrSnapshot? InputObject { get; set; }

    /// <summary>Specifies an image whose layers are the parent. Layers that are not unpacked yet are unpacked first.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByImage)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Image { get; set; }

    /// <summary>
    /// Specifies the platform of the image, such as linux/arm64. The default is the best platform that the daemon's machine can run.
    /// </summary>
    [Parameter(ParameterSetName = ByImage)]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    /// <summary>Indicates that the new snapshot is read-only.</summary>
    [Parameter]
    public SwitchParameter View { get; set; }

    /// <summary>
    /// Specifies the snapshotter. The default is that of the parent, or else $CONTAINERD_SNAPSHOTTER, or else the default of the namespace.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>
    /// Specifies labels for the snapshot. Specify a hashtable, or strings such as app=web; a string without = has an empty value, and
    /// containerd does not store such a label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    protected override void ProcessRecord() => TryPerSession(Name, () =>
        {
            var ns = Resolve(InputObject);
            var snapshotter = Snapshotter
                ?? (InputObject?.Snapshotter is { Length: > 0 } own ? own : Await(ns.Snapshots.DefaultSnapshotterAsync));
            if (!ShouldProcess($"{Name} ({ns.Namespace}, {snapshotter})", View ? "Make view" : "Make snapshot"))
                return;
            var snapshot = Await(async cancellationToken =>
            {
                if (Image is null)
                    return await ns
                        .Snapshots.CreateAsync(
                            snapshotter,
                            Name,
                            InputObject?.Name ?? Parent ?? "",
                            View,
                            NewLabels(Label),
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                var image = await ns.Images.ResolveAsync(Image, Platform, cancellationToken).ConfigureAwait(false);
                var lease = await ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
                await using (lease.ConfigureAwait(false))
                {
                    var top = await ns.Images.UnpackAsync(image, snapshotter, lease.Id, cancellationToken).ConfigureAwait(false);
                    return await ns
                        .Snapshots.CreateAsync(snapshotter, Name, top, View, NewLabels(Label), cancellationToken)
                        .ConfigureAwait(false);
                }
            });
            WriteVerbose(KeptBy.Sentence(ns, "snapshot"));
            WriteObject(snapshot);
        });
}
