using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Makes a snapshot on top of a committed one, to write to or with -View to look at. The lease of a Use-CtrLease block keeps it, else the
/// label
/// containerd.io/gc.root, until Remove-CtrSnapshot removes it.
/// </summary>
[Cmdlet(VerbsCommon.New, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrSnapshot))]
public sealed class NewCtrSnapshotCommand : SessionCmdlet
{
    private const string ByName = "Parent";
    private const string ByObject = "InputObject";
    private const string ByImage = "Image";

    /// <summary>The new snapshot's name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The committed snapshot that it builds upon; without it, it begins with nothing.</summary>
    [Parameter(Position = 1, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Parent { get; set; }

    /// <summary>The committed snapshot that it builds upon, as Get-CtrSnapshot and Save-CtrSnapshot give it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrSnapshot? InputObject { get; set; }

    /// <summary>The image whose layers it builds upon; they are unpacked where they are not yet.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByImage)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Image { get; set; }

    /// <summary>The platform of the image, such as linux/arm64; without it the best that the daemon's machine runs.</summary>
    [Parameter(ParameterSetName = ByImage)]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    /// <summary>Makes one that can only be read.</summary>
    [Parameter]
    public SwitchParameter View { get; set; }

    /// <summary>The snapshotter; without it the parent's, else $CONTAINERD_SNAPSHOTTER, else the namespace's default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>
    /// Specifies labels for the snapshot. Give a hashtable, or texts such as app=web; a text without = has an empty value, and containerd
    /// does not store such a label.
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
                        .Snapshots.NewAsync(snapshotter, Name, InputObject?.Name ?? Parent ?? "", View, NewLabels(Label), cancellationToken)
                        .ConfigureAwait(false);
                var image = await ns.Images.ResolveAsync(Image, Platform, cancellationToken).ConfigureAwait(false);
                var lease = await ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
                await using (lease.ConfigureAwait(false))
                {
                    var top = await ns.Images.UnpackAsync(image, snapshotter, lease.Id, cancellationToken).ConfigureAwait(false);
                    return await ns
                        .Snapshots.NewAsync(snapshotter, Name, top, View, NewLabels(Label), cancellationToken)
                        .ConfigureAwait(false);
                }
            });
            WriteVerbose(KeptBy.Sentence(ns, "snapshot"));
            WriteObject(snapshot);
        });
}
