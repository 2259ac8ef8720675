using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Frees the space of layers' archives that the images do not need to run: those of images that are unpacked, whose snapshots hold the same files. The images
/// run on as before; but they cannot be pushed, exported or unpacked elsewhere until they are pulled or imported again.
/// </summary>
[Cmdlet(VerbsCommon.Clear, "CtrContent", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(CtrContent))]
public sealed class ClearCtrContentCommand : SessionCmdlet
{
    /// <summary>Lets go of the layers of images that are not unpacked, too: these cannot run until they are pulled or imported again.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Does not wait until the garbage collector has freed the space; nothing is given then.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    protected override void ProcessRecord() => TryPerSession(null, () =>
    {
        var ns = Resolve();
        var layers = new LayerRelease(ns);
        var found = Await(cancellation => layers.FindAsync(Force, cancellation));
        WriteVerbose($"Found {found.Count()} manifests in namespace {ns.Namespace} whose layers can be released.");
        List<string> chosen = [.. found.Where(manifest => ShouldProcess($"{manifest} ({ns.Namespace})", "Let go of the manifest's layers"))];
        if (chosen.Count > 0) WriteObject(AwaitShown($"Clearing {ns.Namespace}", (progress, cancellation) => layers.ReleaseAsync(chosen, !NoWait, progress, cancellation)), enumerateCollection: true);
    });
}
