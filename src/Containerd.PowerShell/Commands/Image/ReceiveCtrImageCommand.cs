using System.Management.Automation;
using Containerd.Client;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Pulls images from registries.</summary>
[Cmdlet(VerbsCommunications.Receive, "CtrImage", DefaultParameterSetName = ImageCmdlet.ByName, SupportsShouldProcess = true)]
[Alias("Pull-CtrImage")]
[OutputType(typeof(CtrImage))]
public sealed class ReceiveCtrImageCommand : RegistryCmdlet
{
    // A container has a name too, which must not be mistaken for that of an image.
    private const string ByContainer = "Container";

    /// <summary>
    /// Specifies image names as Docker knows them: busybox, busybox:1.36, registry.example.com:5000/team/app@sha256:…, [::1]:5000/app. An
    /// output object of Send-CtrImage stands for the name that was pushed to.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ImageCmdlet.ByName)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [IdTransformation(typeof(CtrImage), "an image", "Name", AcceptsPush = true, AcceptsRows = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies images to pull again, to the daemon and namespace that they came from.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ImageCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrImage[] InputObject { get; set; } = [];

    /// <summary>Specifies containers whose images are pulled again.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByContainer)]
    [ValidateNotNull]
    public CtrContainer[] Container { get; set; } = [];

    /// <summary>
    /// Specifies the platforms to fetch and to unpack, such as linux/arm64. The default is the best platform that the daemon's machine can
    /// run.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Platform { get; set; } = [];

    /// <summary>Indicates that all platforms are fetched and unpacked.</summary>
    [Parameter]
    public SwitchParameter AllPlatforms { get; set; }

    /// <inheritdoc cref="ImportCtrImageCommand.Snapshotter"/>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <inheritdoc cref="ImportCtrImageCommand.NoUnpack"/>
    [Parameter]
    public SwitchParameter NoUnpack { get; set; }

    /// <inheritdoc cref="ImportCtrImageCommand.Label"/>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>Specifies the maximum number of layers that are fetched at the same time, from 1 to 32. The default is 3.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    [PSDefaultValue(Help = "3")]
    public int ParallelLayers { get; set; } = 3;

    /// <summary>
    /// Specifies which program communicates with the registry: this module, with all options, or the daemon's transfer service.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "Client")]
    public CtrTransferMethod Method { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var image in InputObject)
            TryPerSession(image, () => Receive(Resolve(image), image.Name));
        foreach (var container in Container.Where(c => c.Image.Length > 0))
            TryPerSession(container, () => Receive(Resolve(container), container.Image));
        foreach (var name in Name)
            TryPerSession(name, () => Receive(Resolve(), name));
    }

    private void Receive(NamespaceClient ns, string name)
    {
        ImageCmdlet.RequireOneChoice(AllPlatforms, Platform);
        var full = ImageReference.Normalize(name);
        var options = new ImagePullOptions
        {
            Registry = RegistryOptions(),
            Platforms = Platform,
            AllPlatforms = AllPlatforms,
            Unpack = !NoUnpack,
            Snapshotter = Snapshotter,
            Labels = NewLabels(Label),
            Parallel = ParallelLayers,
            Method = Method,
            Warn = text => Post(() => WriteWarning(text)),
        };
        if (!ShouldProcess($"{full} ({ns.Namespace})", "Pull image"))
            return;
        Transfer(
            name,
            $"Pulling {ImageReference.Shorten(full)}",
            (progress, cancellationToken) => ns.Images.PullAsync(name, options, progress, cancellationToken),
            image =>
            {
                WriteVerbose(PulledImages.Describe(image));
                WriteObject(image);
            }
        );
    }
}
