using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Mounts an image's root file system on a directory.</summary>
[Cmdlet(VerbsData.Mount, "CtrImage", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrSnapshotMount))]
public sealed class MountCtrImageCommand : ImageCmdlet
{
    /// <summary>Specifies the directory to mount on. It must exist and be empty.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Indicates that the mount is writable. Everything that is written to it is discarded when it is unmounted.</summary>
    [Parameter]
    public SwitchParameter Writable { get; set; }

    /// <summary>Specifies the platform, such as linux/arm64. The default is the best platform that the daemon's machine can run.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    /// <inheritdoc cref="ImportCtrImageCommand.Snapshotter"/>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    protected override void ProcessRecord() =>
        ForEachImage(
            (ns, name) =>
            {
                var path = System.IO.Path.TrimEndingDirectorySeparator(ResolvePath(Path));
                if (!ShouldProcess($"{name} ({ns.Namespace})", $"Mount on {path}"))
                    return;
                WriteObject(
                    Await(cancellationToken => ns.Images.MountAsync(name, path, Writable, Platform, Snapshotter, cancellationToken))
                );
            }
        );
}
