using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The base of Dismount-CtrSnapshot and Dismount-CtrImage: mounts are specified by their directories, or as objects.</summary>
public abstract class DismountCmdlet : CtrCmdlet
{
    internal const string ByPath = "Path";
    internal const string ByObject = "InputObject";

    /// <summary>Specifies the directories to unmount; wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByPath)]
    [ArgumentCompleter(typeof(MountCompleter))]
    [IdTransformation(typeof(CtrSnapshotMount), "a directory", "Path")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies mounts, as Mount-CtrSnapshot, Mount-CtrImage and Get-CtrSnapshotMount return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrSnapshotMount[] InputObject { get; set; } = [];

    /// <summary>
    /// Indicates that a mount is detached even if it is in use: it disappears at once, and the file system is released when its last user
    /// closes it.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Whether a wildcard can match the mount.</summary>
    private protected virtual bool Finds(CtrSnapshotMount mount) => true;

    protected override void ProcessRecord()
    {
        foreach (var mount in InputObject)
            Dismount(mount.Path, mount);
        foreach (var path in Path)
        {
            if (WildcardPattern.ContainsWildcardCharacters(path))
            {
                IReadOnlyList<CtrSnapshotMount> found = [];
                Try(path, () =>
                {
                    var pattern = NamePattern.Get(path, WildcardOptions.None);
                    found = [.. SnapshotMounts.List().Where(m => Finds(m) && pattern.IsMatch(m.Path))];
                });
                foreach (var mount in found)
                    Dismount(mount.Path, mount);
            }
            else
            {
                Dismount(null, path);
            }
        }
    }

    private void Dismount(string? path, object target) => Try(target, () =>
        {
            path ??= System.IO.Path.TrimEndingDirectorySeparator(ResolvePath((string)target));
            if (!ShouldProcess(path, "Dismount"))
                return;
            if (Await(cancellationToken => SnapshotMounts.DismountAsync(path, Force, cancellationToken)) is { } left)
                WriteWarning(left);
        });
}
