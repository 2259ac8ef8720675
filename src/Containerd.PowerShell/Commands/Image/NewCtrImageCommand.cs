using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Makes an image of a container: the layers of the container's own image, and what it has changed as one more. What the image says of its
/// containers is what the
/// container's image says, where no parameter changes it. A running task stands still while its files are copied.
/// </summary>
[Cmdlet(VerbsCommon.New, "CtrImage", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrImage))]
public sealed class NewCtrImageCommand : SessionCmdlet
{
    private const string ById = "FromContainer";
    private const string ByObject = "InputObject";

    /// <summary>The id of the container.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById)]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [ValidateNotNullOrEmpty]
    public string FromContainer { get; set; } = "";

    /// <summary>Containers, or tasks, processes or exits of containers.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrContainerObject[] InputObject { get; set; } = [];

    // Not bound by property name: the container's own name would become the image's.
    /// <summary>
    /// Specifies the name of the image, in full or short. For several containers, use a script block that returns the name for the
    /// container in $_: -Name { "backup/$($_.ContainerId)" }.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public object Name { get; set; } = "";

    /// <summary>The command in the place of the image's; an empty array for none.</summary>
    [Parameter(ValueFromRemainingArguments = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object?[]? Command { get; set; }

    /// <summary>
    /// The entrypoint in the place of the image's; an empty string for none. The image's command goes with it, unless -Command gives one.
    /// </summary>
    [Parameter]
    [AllowEmptyString]
    public string[]? Entrypoint { get; set; }

    /// <summary>Environment variables: hashtables, or NAME=value texts. NAME alone takes the image's variable away.</summary>
    [Parameter]
    public object[]? Env { get; set; }

    /// <summary>
    /// Specifies labels in the image's config, which its containers inherit. Give a hashtable, or texts such as app=web; a text without =
    /// is a label with an empty value. A null value in a hashtable removes the label. Set-CtrImage sets the labels of the name in
    /// containerd.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>The working directory of its containers.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>The user of its containers: a name or number, with a group after a colon where it is not the user's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>Ports that its containers listen on, beside the image's: 80, 53/udp.</summary>
    [Parameter]
    [ValidatePattern("^[0-9]+(-[0-9]+)?(/(tcp|udp|sctp))?$")]
    public string[] ExposedPort { get; set; } = [];

    /// <summary>The signal that asks its containers to stop.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    public CtrSignal? StopSignal { get; set; }

    /// <summary>Who makes it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Author { get; set; }

    /// <summary>A remark for the image's history.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Message { get; set; }

    /// <summary>Lets a running task go on while its files are copied: they may then be of different moments.</summary>
    [Parameter]
    public SwitchParameter NoPause { get; set; }

    /// <summary>Has a name that is taken lead to the new image.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ById)
            TryPerSession(FromContainer, () => Commit(TargetArgument.Named(this, FromContainer)));
        foreach (var item in InputObject)
            TryPerSession(item, () => Commit(new ContainerTarget(Resolve(item), item.ContainerId, item)));
    }

    private void Commit(ContainerTarget target)
    {
        var ns = target.Namespace;
        var name = NewName.Of(Name, target.Item);
        var commit = new ImageCommitOptions
        {
            Name = name,
            Command = Command is null ? null : CommandLine.FromWords(Command, this),
            Entrypoint = Entrypoint,
            Env = EnvironmentArgument.Read(Env) ?? [],
            Labels = StringMap.Changes(Label),
            ExposedPorts = [.. ExposedPort.Select(p => p.Contains('/', StringComparison.Ordinal) ? p : p + "/tcp")],
            User = User,
            WorkingDirectory = WorkingDirectory,
            StopSignal = StopSignal?.ToString(),
            Author = Author,
            Message = Message,
            Pause = !NoPause,
            Force = Force,
        };
        if (!ShouldProcess($"{target.Shown} ({ns.Namespace})", $"Make image {name}"))
            return;
        WriteObject(
            AwaitShown($"Making {name}", (progress, cancellationToken) =>
                ns.Images.CommitAsync(target.Id, commit, progress, cancellationToken)
            )
        );
    }
}
