using System.Collections;
using System.Management.Automation;
using Containerd.Client;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>The base of New-CtrContainer and Invoke-CtrContainer: the metadata that containerd stores in addition to the spec.</summary>
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

    /// <summary>Specifies a full spec, which is used unchanged: a CtrSpec object, a hashtable or a custom object.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Spec { get; set; }

    /// <summary>Specifies a full spec as JSON text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SpecJson { get; set; }

    /// <summary>Specifies a file with a full spec, such as the config.json of a bundle.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SpecPath { get; set; }

    /// <summary>
    /// Specifies when the image is pulled: Missing (the default), Always or Never. Docker's stored credentials and /etc/containerd/certs.d
    /// are used; Receive-CtrImage has more options.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "Missing")]
    public CtrPullPolicy Pull { get; set; }

    /// <summary>
    /// Specifies the credentials for the image's registry, if the image is pulled; they are not sent to mirrors. By default, the
    /// credentials that Connect-CtrRegistry or 'docker login' stored are used.
    /// </summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>
    /// Specifies labels in addition to those of the image. Specify a hashtable, or strings such as app=web; a string without = has an empty
    /// value, and containerd does not store such a label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Specifies the runtime: runc, crun, io.containerd.runc.v2, or the path of a shim. The default is that of the namespace.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(RuntimeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Runtime { get; set; }

    /// <summary>Specifies options of the runtime, such as @{ BinaryName = '/opt/runc'; SystemdCgroup = $true }.</summary>
    [Parameter]
    public Hashtable? RuntimeOption { get; set; }

    /// <summary>
    /// Specifies additional data to store with the container, by name, such as @{ 'example.com/owner' = @{ name = 'me' } }. Each value is
    /// stored as JSON; the property Extensions returns it.
    /// </summary>
    [Parameter]
    public Hashtable? Extension { get; set; }

    /// <summary>
    /// Specifies the snapshotter for the read-write layer. The default is $CONTAINERD_SNAPSHOTTER, or else the default of the namespace.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>Specifies the signal that Stop-CtrTask sends first. The default is that of the image, or else TERM.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    public CtrSignal? StopSignal { get; set; }

    /// <summary>
    /// Specifies volumes and folders of the host, as docker run -v does: name:/data for a volume, which is created if it does not exist,
    /// /data for a new anonymous volume, or ./folder:/data for a folder of the host, which is created if it does not exist. After another
    /// colon, ro makes it read-only, and nocopy leaves a new volume empty; by default, it receives the content that the image has there.
    /// </summary>
    [Parameter]
    [Alias("v")]
    [ArgumentCompleter(typeof(VolumeMountCompleter))]
    public CtrMount[] Volume { get; set; } = [];

    /// <summary>
    /// Specifies other containers, by id or name, whose volumes and folders of the host are mounted in the container at the same paths.
    /// With :ro after the name they are read-only. -Volume and -Mount take precedence.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation(typeof(CtrContainer), "a container", "ContainerId")]
    [ValidateNotNullOrEmpty]
    public string[] VolumesFrom { get; set; } = [];

    /// <summary>
    /// Specifies the networks of the container: names of networks, or one of host (the network of the host), none (only a loopback
    /// interface) and container:ID (the network of another container). By default, the container has only a loopback interface; if you
    /// publish ports, it has the network bridge, which is created when it is first used.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContainerNetworkCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Network { get; set; } = [];

    /// <summary>
    /// Specifies ports of the host that are forwarded to the container: 8080:80, 127.0.0.1:8080:80/tcp, 8000-8009:80-89/udp, or 80 for a
    /// free port of the host. An address limits the forwarding to that address of the host.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(PortMappingCompleter))]
    public CtrPortMapping[] Publish { get; set; } = [];

    /// <summary>Specifies the IPv4 address of the container, in a subnet of one of its networks.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? IPAddress { get; set; }

    /// <summary>Specifies the IPv6 address of the container, in a subnet of one of its networks.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? IPv6Address { get; set; }

    /// <summary>Specifies the hardware address of the container's first interface, such as 02:42:ac:11:00:02.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MacAddress { get; set; }

    /// <summary>
    /// Specifies further names of the container. Other containers in its networks reach it by its id, its name and these names.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] NetworkAlias { get; set; } = [];

    /// <summary>Specifies the addresses of the container's name servers. By default, those of the host are used.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Dns { get; set; } = [];

    /// <summary>
    /// Specifies the domains in which names are searched. By default, those of the host are used; a dot means that no domain is searched.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] DnsSearch { get; set; } = [];

    /// <summary>Specifies options of the resolver, such as ndots:1. By default, those of the host are used.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] DnsOption { get; set; } = [];

    /// <summary>
    /// Specifies lines of the container's /etc/hosts, as name:address, such as db:10.0.0.5. The address host-gateway stands for that of the
    /// host in the container's network.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(HostEntryCompleter))]
    public CtrHostEntry[] HostEntry { get; set; } = [];

    private protected override IEnumerable<CtrMount> VolumeMounts =>
        Volume.Select(mount => new CtrMount
        {
            Type = mount.Type,
            Source = mount.Source,
            Target = mount.Target,
            Options = mount.Options,
            ReadOnly = mount.ReadOnly,
            NoCopy = mount.NoCopy,
            SubPath = mount.SubPath,
            Recursion = mount.Recursion,
            CreateSource = mount.Type == "bind",
        });

    /// <summary>The options for a new container.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="piped">The image from the pipeline; null for that of -Image.</param>
    private protected ContainerCreateOptions Creation(string id, CtrImage? piped = null)
    {
        if (piped is not null && (Image ?? Rootfs) is not null)
            throw ConflictingParameters.Error(
                $"The pipeline and {(Image is null ? "-Rootfs" : "-Image")} cannot be combined: both specify a root file system.",
                "Use one of them."
            );
        var image = piped?.Name ?? Image;
        var given = new[] { Spec is not null, SpecJson is not null, SpecPath is not null }.Count(g => g);
        if (given > 1)
            throw ConflictingParameters.Error(
                "-Spec, -SpecJson and -SpecPath cannot be combined: each specifies a full spec.",
                "Use only one of them."
            );
        if (Image is not null && Rootfs is not null)
            throw ConflictingParameters.Error(
                "-Image and -Rootfs cannot be combined: both specify a root file system.",
                "Use only one of them."
            );
        if (given == 0 && image is null && Rootfs is null)
        {
            throw new CtrArgumentException("An image, a root file system or a spec is required.")
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
                $"A full spec is used unchanged, so it cannot be combined with {string.Join(", ", ignored)}.",
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
            VolumesFrom = VolumesFrom,
            Labels = NewLabels(Label),
            Warnings = new PostedWarnings(this, Post),
            Runtime = Runtime,
            RuntimeOptions = RuntimeOption is null ? null : (IDictionary?)SpecArgument.Plain(RuntimeOption),
            Extensions = Extension is null ? null : (IDictionary?)SpecArgument.Plain(Extension),
            Snapshotter = Snapshotter,
            StopSignal = StopSignal,
            Network = new ContainerNetworkOptions
            {
                Networks = Network,
                Ports = Publish,
                IPAddress = IPAddress,
                IPv6Address = IPv6Address,
                MacAddress = MacAddress,
                Aliases = NetworkAlias,
                DnsServers = Dns,
                DnsSearch = DnsSearch,
                DnsOptions = DnsOption,
                HostEntries = HostEntry,
            },
        };
    }

    /// <summary>The parameters that apply only to a spec that the cmdlet builds, not to a full spec.</summary>
    private IEnumerable<string> ShapingParameters() =>
        typeof(SpecCmdlet)
            .GetProperties()
            .Where(p =>
                p.DeclaringType == typeof(SpecCmdlet) && p.Name is not (nameof(Image) or nameof(Platform) or nameof(Rootfs) or nameof(Tty))
            )
            .Concat(new[] { nameof(Volume), nameof(VolumesFrom) }.Select(name => typeof(ContainerCreationCmdlet).GetProperty(name)!))
            .Where(p => MyInvocation.BoundParameters.ContainsKey(p.Name))
            .Select(p => "-" + p.Name);
}
