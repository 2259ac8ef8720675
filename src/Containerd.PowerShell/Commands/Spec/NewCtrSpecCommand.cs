using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Builds the OCI runtime spec that New-CtrContainer would, to look at, change, and hand to it with -Spec.</summary>
[Cmdlet(VerbsCommon.New, "CtrSpec")]
[OutputType(typeof(CtrSpec))]
public sealed class NewCtrSpecCommand : SpecCmdlet
{
    /// <summary>The id of the container that the spec is for: it names the cgroup and the host.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [IdTransformation]
    [AllowEmptyString]
    public string Id { get; set; } = "";

    protected override void ProcessRecord() => Try(Id, () =>
    {
        var options = SpecOptions();
        options.RootfsPath = Rootfs is null ? null : ResolvePath(Rootfs);
        var specs = Resolve().Specs;
        WriteObject(Await(cancellation => specs.BuildAsync(Id, options, Image, Platform, cancellation)));
    });
}
