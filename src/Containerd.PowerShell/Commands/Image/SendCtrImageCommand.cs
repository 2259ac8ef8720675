using System.Management.Automation;
using Containerd.Client;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Pushes images to registries.</summary>
[Cmdlet(VerbsCommunications.Send, "CtrImage", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[Alias("Push-CtrImage")]
[OutputType(typeof(CtrImagePush))]
public sealed class SendCtrImageCommand : RegistryCmdlet
{
    private const string ByName = "Name";
    private const string ByObject = "InputObject";

    private readonly List<(NamespaceClient Namespace, string Name)> _toOneName = [];

    /// <summary>Specifies local images, by full or short name; wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [IdTransformation(typeof(CtrImage), "an image", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies images, as Get-CtrImage, Import-CtrImage and Receive-CtrImage return them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrImage[] InputObject { get; set; } = [];

    /// <summary>
    /// Specifies the name to push to, such as registry.example.com:5000/team/app:2. The default is the name of the image.
    /// </summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Specifies the platforms to push, such as linux/arm64. All of their content must be present locally.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Platform { get; set; } = [];

    /// <summary>Indicates that the image is pushed unchanged, with all platforms. All of their content must be present locally.</summary>
    [Parameter]
    public SwitchParameter AllPlatforms { get; set; }

    /// <summary>Specifies the maximum number of layers that are sent at the same time. The default is 3.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    [PSDefaultValue(Help = "3")]
    public int ParallelLayers { get; set; } = 3;

    /// <inheritdoc cref="ReceiveCtrImageCommand.Method"/>
    [Parameter]
    [PSDefaultValue(Help = "Client")]
    public CtrTransferMethod Method { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var image in InputObject)
            TryPerSession(image, () => Take(Resolve(image), image.Name));
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var ns = Resolve();
                var names = ImageNames.IsPattern(name) ? Await(ns.Images.NamesAsync).Where(ImageNames.Matcher(name)).ToList() : [name];
                foreach (var each in names)
                    Try(each, () => Take(ns, each));
            });
        }
    }

    protected override void EndProcessing()
    {
        if (_toOneName is [var only])
        {
            Try(only.Name, () => Send(only.Namespace, only.Name));
        }
        else if (_toOneName.Count > 1)
        {
            Try(Destination, () => throw new CtrArgumentException(
                    $"{_toOneName.Count} images would be pushed to {Destination}, and each would overwrite the previous one."
                )
                {
                    ErrorId = ErrorIds.SeveralImages,
                    Subject = Destination,
                    Remedy =
                        "Name one image, or give each its own name first: Set-CtrImage NAME -Tag OTHER; without -Destination each "
                        + "goes where its name says.",
                });
        }

        base.EndProcessing();
    }

    /// <summary>
    /// Pushes the image, unless -Destination is specified: then it must be the only image, which is known only at the end.
    /// </summary>
    private void Take(NamespaceClient ns, string name)
    {
        if (Destination is null)
            Send(ns, name);
        else
            _toOneName.Add((ns, name));
    }

    private void Send(NamespaceClient ns, string name)
    {
        ImageCmdlet.RequireOneChoice(AllPlatforms, Platform);
        var options = new ImagePushOptions
        {
            Registry = RegistryOptions(),
            Destination = Destination,
            Platforms = Platform,
            AllPlatforms = AllPlatforms,
            Parallel = ParallelLayers,
            Method = Method,
        };
        if (!ShouldProcess($"{name} ({ns.Namespace}) to {ImageReference.Normalize(Destination ?? name)}", "Push image"))
            return;
        Transfer(
            name,
            $"Pushing {ImageReference.Shorten(name)}",
            (progress, cancellationToken) => ns.Images.PushAsync(name, options, progress, cancellationToken),
            pushed => Tell(name, pushed)
        );
    }

    private void Tell(string name, CtrImagePush pushed)
    {
        if (pushed.OmittedPlatforms.Length > 0 && Platform.Length == 0)
        {
            WriteWarning(
                $"Of '{name}' only {string.Join(", ", pushed.Platforms)} was pushed: {string.Join(", ", pushed.OmittedPlatforms)} "
                    + "is not all here. Receive-CtrImage -AllPlatforms fetches it; -AllPlatforms makes this an error."
            );
        }

        WriteObject(pushed);
    }
}
