using System.Collections;
using System.Management.Automation;
using Containerd.Client;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>What New-CtrContainer and Invoke-CtrContainer share beyond the spec: what containerd keeps of a container.</summary>
public abstract class ContainerCreationCmdlet : SpecCmdlet
{
    /// <summary>
    /// Specifies a name for the container, unique in the namespace. Every cmdlet accepts the name instead of the id. Without -Id, the id is
    /// generated: 12 hexadecimal digits.
    /// </summary>
    [Parameter]
    [IdTransformation(typeof(string), "a name", "Name")]
    [ValidateNotNullOrEmpty]
    public virtual string? Name { get; set; }

    /// <summary>A full spec, taken as it is: a CtrSpec, hashtable or custom object.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Spec { get; set; }

    /// <summary>A full spec as JSON text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SpecJson { get; set; }

    /// <summary>A file with a full spec, such as a bundle's config.json.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SpecPath { get; set; }

    /// <summary>
    /// When the image is pulled: when it is missing, always, or never. Docker's logins and /etc/containerd/certs.d are used;
    /// Receive-CtrImage knows
    /// more ways.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "Missing")]
    public CtrPullPolicy Pull { get; set; }

    /// <summary>
    /// Specifies the credentials for the image's registry, if the image is pulled; they are not sent to mirrors. By default, the login is
    /// used that Connect-CtrRegistry or 'docker login' stored.
    /// </summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>
    /// Specifies labels in addition to those of the image. Give a hashtable, or texts such as app=web; a text without = has an empty value,
    /// and containerd does not store such a label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>The runtime: runc, crun, io.containerd.runc.v2, or a shim's path; without it the namespace's default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RuntimeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Runtime { get; set; }

    /// <summary>Options of the runtime, such as @{ BinaryName = '/opt/runc'; SystemdCgroup = $true }.</summary>
    [Parameter]
    public Hashtable? RuntimeOption { get; set; }

    /// <summary>
    /// Specifies further data that is stored with the container, by name, such as @{ 'example.com/owner' = @{ name = 'me' } }. Each value
    /// is stored as JSON; the property Extensions returns it.
    /// </summary>
    [Parameter]
    public Hashtable? Extension { get; set; }

    /// <summary>The snapshotter for the read-write layer; without it $CONTAINERD_SNAPSHOTTER, else the namespace's default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>The signal that Stop-CtrTask sends first; without it the image's, else TERM.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    public CtrSignal? StopSignal { get; set; }

    /// <summary>What a new container is made from.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="piped">The image that the pipeline brought; null for that of -Image.</param>
    private protected ContainerCreateOptions Creation(string id, CtrImage? piped = null)
    {
        if (piped is not null && (Image ?? Rootfs) is not null)
            throw ConflictingParameters.Error(
                $"The pipeline and {(Image is null ? "-Rootfs" : "-Image")} both specify a root file system.",
                "Use one of them."
            );
        var image = piped?.Name ?? Image;
        var given = new[] { Spec is not null, SpecJson is not null, SpecPath is not null }.Count(g => g);
        if (given > 1)
            throw ConflictingParameters.Error("-Spec, -SpecJson and -SpecPath each give a full spec.", "Give one of them.");
        if (Image is not null && Rootfs is not null)
            throw ConflictingParameters.Error("-Image and -Rootfs both give a root file system.", "Give one of them.");
        if (given == 0 && image is null && Rootfs is null)
        {
            throw new CtrArgumentException("There is nothing to make the container from.")
            {
                ErrorId = ErrorIds.NoRootfs,
                Subject = id,
                Remedy =
                    "Name an image with -Image or pipe one in, a directory with -Rootfs, or give a full spec with -Spec, -SpecJson "
                    + "or -SpecPath.",
            };
        }

        var spec =
            Spec is not null ? SpecArgument.Read(Spec)
            : SpecJson is not null ? CtrSpec.Parse(SpecJson)
            : SpecPath is not null ? CtrSpec.Parse(ReadFile(SpecPath))
            : null;
        if (spec is not null && ShapingParameters().ToList() is { Count: > 0 } ignored)
            throw ConflictingParameters.Error(
                $"A full spec is taken as it is, so {string.Join(", ", ignored)} cannot be given beside it.",
                "Change the spec itself, or let New-CtrContainer build one."
            );
        var options = SpecOptions() with { RootfsPath = Rootfs is null ? null : ResolvePath(Rootfs) };
        return new ContainerCreateOptions
        {
            Id = id,
            Name = Name,
            Image = image,
            Platform = Platform,
            Pull = Pull,
            PullProgress = new TransferProgress($"Pulling {image}", this, Post),
            Pulled = new PulledImages(this, Post),
            Registry = Credential is null ? null : new RegistryOptions { Credential = Credential.GetNetworkCredential() },
            Rootfs = options.RootfsPath,
            Spec = spec,
            Options = options,
            Labels = NewLabels(Label),
            Warnings = new PostedWarnings(this, Post),
            Runtime = Runtime,
            RuntimeOptions = RuntimeOption is null ? null : (IDictionary?)SpecArgument.Plain(RuntimeOption),
            Extensions = Extension is null ? null : (IDictionary?)SpecArgument.Plain(Extension),
            Snapshotter = Snapshotter,
            StopSignal = StopSignal,
        };
    }

    /// <summary>The parameters that shape a built spec and mean nothing beside a full one.</summary>
    private IEnumerable<string> ShapingParameters() =>
        typeof(SpecCmdlet)
            .GetProperties()
            .Where(p =>
                p.DeclaringType == typeof(SpecCmdlet) && p.Name is not (nameof(Image) or nameof(Platform) or nameof(Rootfs) or nameof(Tty))
            )
            .Where(p => MyInvocation.BoundParameters.ContainsKey(p.Name))
            .Select(p => "-" + p.Name);
}
