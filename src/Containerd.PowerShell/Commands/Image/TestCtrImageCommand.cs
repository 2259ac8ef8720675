using System.Management.Automation;
using Containerd.Client;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>
/// Tests images: whether all content is in the store, whether its bytes have the digests by which they are known, and whether the layers
/// are unpacked. Each image
/// gives one result, or with -Quiet only whether it passed.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "CtrImage", DefaultParameterSetName = ByName)]
[OutputType(typeof(CtrImageTest), typeof(bool))]
public sealed class TestCtrImageCommand : ImageCmdlet
{
    /// <summary>
    /// The platforms that must be here, such as linux/arm64. Without it the best one that the daemon's machine runs, and what is here of
    /// others must be right.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Platform { get; set; } = [];

    /// <summary>Every platform must be here.</summary>
    [Parameter]
    public SwitchParameter AllPlatforms { get; set; }

    /// <summary>
    /// The snapshotter that the layers must be unpacked to; without it $CONTAINERD_SNAPSHOTTER, else the namespace's default.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>Does not read the bytes: a test of a moment, which finds what is missing and what has the wrong length.</summary>
    [Parameter]
    public SwitchParameter SkipDigest { get; set; }

    /// <summary>Does not ask whether the layers are unpacked.</summary>
    [Parameter]
    public SwitchParameter SkipUnpacked { get; set; }

    /// <summary>Gives $true or $false in place of the result. An image that is not there is $false, and no error.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    protected override void ProcessRecord() =>
        ForEachImage(
            (ns, name) =>
            {
                RequireOneChoice(AllPlatforms, Platform);
                var options = new ImageTestOptions
                {
                    Platforms = Platform,
                    AllPlatforms = AllPlatforms,
                    ReadContent = !SkipDigest,
                    RequireUnpacked = !SkipUnpacked,
                    Snapshotter = Snapshotter,
                };
                try
                {
                    var test = AwaitShown($"Testing {ImageReference.Shorten(name)}", (progress, cancellationToken) =>
                        ns.Images.TestAsync(name, options, progress, cancellationToken)
                    );
                    WriteObject(Quiet ? test.Passed : test);
                }
                catch (CtrNotFoundException e) when (Quiet && e.ErrorId == ErrorIds.ImageNotFound)
                {
                    WriteObject(false);
                }
            }
        );
}
