using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Builds the OCI runtime spec that New-CtrContainer would use.</summary>
[Cmdlet(VerbsCommon.New, "CtrSpec")]
[OutputType(typeof(CtrSpec))]
public sealed class NewCtrSpecCommand : SpecCmdlet
{
    /// <summary>Specifies the id of the container that the spec is for. It determines the cgroup and the host name.</summary>
    [Parameter(Position = 0)]
    [Alias("Name")]
    [IdTransformation]
    [AllowEmptyString]
    public string[] Id { get; set; } = [];

    /// <summary>Specifies ids from the pipeline. All arguments of the command line then belong to the command.</summary>
    [Parameter(ValueFromPipeline = true)]
    [IdTransformation]
    [AllowEmptyString]
    public string[] InputObject { get; set; } = [];

    private protected override IReadOnlyList<object?> Words => NewIds.Words(Id, Command, MyInvocation);

    protected override void ProcessRecord()
    {
        foreach (var id in NewIds.Of(Id, InputObject, MyInvocation))
        {
            Try(id, () =>
            {
                var options = SpecOptions() with { RootfsPath = Rootfs is null ? null : ResolvePath(Rootfs) };
                var given = NewIds.Require(id, MyInvocation, MyInvocation.ExpectingInput);
                var specs = Resolve().Specs;
                WriteObject(Await(cancellationToken => specs.BuildAsync(given, options, Image, Platform, cancellationToken)));
            });
        }
    }
}
