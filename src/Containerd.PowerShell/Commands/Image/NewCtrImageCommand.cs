using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Creates an image from a container.</summary>
[Cmdlet(VerbsCommon.New, "CtrImage", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrImage))]
public sealed class NewCtrImageCommand : SessionCmdlet
{
    private const string ById = "FromContainer";
    private const string ByObject = "InputObject";

    /// <summary>Specifies the container, by id or name.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById)]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [ValidateNotNullOrEmpty]
    public string FromContainer { get; set; } = "";

    /// <inheritdoc cref="ContainerCmdlet.InputObject"/>
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

    /// <summary>Specifies a command that replaces that of the container's image. An empty array means no command.</summary>
    [Parameter(ValueFromRemainingArguments = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object?[]? Command { get; set; }

    /// <summary>
    /// Specifies an entrypoint that replaces that of the container's image. An empty string means no entrypoint. The image's command is
    /// removed too, unless you specify -Command.
    /// </summary>
    [Parameter]
    [AllowEmptyString]
    public string[]? Entrypoint { get; set; }

    /// <summary>
    /// Specifies environment variables as hashtables or NAME=value strings. NAME alone removes the variable that the container's image
    /// sets.
    /// </summary>
    [Parameter]
    public object[]? Env { get; set; }

    /// <summary>
    /// Specifies labels in the image's config, which its containers inherit. Specify a hashtable, or strings such as app=web; a text
    /// without = is a label with an empty value. A null value in a hashtable removes the label. Set-CtrImage sets the labels of the name in
    /// containerd.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>Specifies the working directory for containers of the new image.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>Specifies the user for containers of the new image, by name or number, optionally with a group, as user:group.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>
    /// Specifies ports that containers of the new image listen on, in addition to those of the container's image: 80, 53/udp.
    /// </summary>
    [Parameter]
    [ValidatePattern("^[0-9]+(-[0-9]+)?(/(tcp|udp|sctp))?$")]
    public string[] ExposedPort { get; set; } = [];

    /// <summary>Specifies the signal that requests containers of the new image to stop.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    public CtrSignal? StopSignal { get; set; }

    /// <summary>Specifies the author of the image.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Author { get; set; }

    /// <summary>Specifies a comment for the history of the image.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Message { get; set; }

    /// <summary>
    /// Indicates that a running task is not paused while its files are copied. The files may then be from different points in time.
    /// </summary>
    [Parameter]
    public SwitchParameter NoPause { get; set; }

    /// <summary>Overwrites an existing image name.</summary>
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
        if (!ShouldProcess($"{target.Shown} ({ns.Namespace})", $"Create image {name}"))
            return;
        WriteObject(
            AwaitShown($"Creating {name}", (progress, cancellationToken) =>
                ns.Images.CommitAsync(target.Id, commit, progress, cancellationToken)
            )
        );
    }
}
