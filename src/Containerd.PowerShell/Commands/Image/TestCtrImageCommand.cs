using System.Management.Automation;
using Containerd.Client;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Tests whether images are complete, undamaged and unpacked.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CtrImage", DefaultParameterSetName = ByName)]
[OutputType(typeof(CtrImageTest), typeof(bool))]
public sealed class TestCtrImageCommand : ImageCmdlet
{
    /// <summary>
    /// Specifies the platforms that must be present locally, such as linux/arm64. The default is the best platform that the daemon's
    /// machine can run; local content of other platforms must be undamaged.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Platform { get; set; } = [];

    /// <summary>Indicates that all platforms must be present locally.</summary>
    [Parameter]
    public SwitchParameter AllPlatforms { get; set; }

    /// <summary>
    /// Specifies the snapshotter that the layers must be unpacked to. The default is $CONTAINERD_SNAPSHOTTER, or else the default of the
    /// namespace.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>Indicates that the content is not read. This fast test finds missing content and content of the wrong size.</summary>
    [Parameter]
    public SwitchParameter SkipDigest { get; set; }

    /// <summary>Indicates that the command does not test whether the layers are unpacked.</summary>
    [Parameter]
    public SwitchParameter SkipUnpacked { get; set; }

    /// <summary>
    /// Returns $true or $false instead of the result. For an image that does not exist, the result is $false, not an error.
    /// </summary>
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
