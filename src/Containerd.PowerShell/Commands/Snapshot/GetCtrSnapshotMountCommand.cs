using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists the snapshots that Mount-CtrSnapshot has mounted on this machine.</summary>
[Cmdlet(VerbsCommon.Get, "CtrSnapshotMount")]
[OutputType(typeof(CtrSnapshotMount))]
public sealed class GetCtrSnapshotMountCommand : CtrCmdlet
{
    /// <summary>Specifies the directories; wildcards are permitted. By default, all mounts are returned.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(MountCompleter))]
    [IdTransformation(typeof(CtrSnapshotMount), "a directory", "Path")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Path { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var path in Path)
        {
            if (WildcardPattern.ContainsWildcardCharacters(path))
            {
                Try(path, () =>
                {
                    var pattern = NamePattern.Get(path, WildcardOptions.None);
                    WriteObject(SnapshotMounts.List().Where(m => pattern.IsMatch(m.Path)), enumerateCollection: true);
                });
            }
            else
            {
                Try(path, () => WriteObject(SnapshotMounts.Get(System.IO.Path.TrimEndingDirectorySeparator(ResolvePath(path)))));
            }
        }
    }
}
