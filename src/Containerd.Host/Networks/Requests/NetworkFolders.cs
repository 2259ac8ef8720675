using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Containerd.Host.Files;

namespace Containerd.Host.Networks.Requests;

/// <summary>Where the networks of a daemon, their plugins and their state are.</summary>
internal sealed record NetworkFolders
{
    /// <summary>The socket of the machine's daemon, whose containers have the plain attachment ids.</summary>
    internal const string MachineSocket = "/run/containerd/containerd.sock";

    private const string MachineConfiguration = "/etc/cni/net.d";
    private const string MachineCache = "/var/lib/cni";
    private const string MachineState = "/run/containerd-powershell/networks";
    private const string ConfigurationVariable = "NETCONFPATH";
    private const string PluginVariable = "CNI_PATH";
    private const int HashDigits = 8;
    private const int NameDigits = 16;

    private static readonly string[] MachinePlugins = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"];

    /// <summary>The folders of the networks; networks of the module are written to the first.</summary>
    public IReadOnlyList<string> Configuration { get; init; } = [];

    /// <summary>The folders of the plugins.</summary>
    public IReadOnlyList<string> Plugins { get; init; } = [];

    /// <summary>The folder of libcni's cache; its files are in <see cref="Results"/>.</summary>
    public string Cache { get; init; } = "";

    /// <summary>The folder of the attachments, which a restart of the machine empties.</summary>
    public string State { get; init; } = "";

    /// <summary>
    /// The folder of the addresses that host-local reserved, for networks that the module creates; null for host-local's own.
    /// </summary>
    public string? Addresses { get; init; }

    /// <summary>The files of libcni's cache, one for each attachment to a network.</summary>
    [JsonIgnore]
    public string Results => Path.Combine(Cache, "results");

    /// <summary>The lock that is held while networks are attached or detached; nerdctl uses the same one.</summary>
    [JsonIgnore]
    public string Lock => Path.Combine(Configuration[0], ".cni-concurrency.lock");

    /// <summary>The pinned network namespaces: PINS/ATTACHMENT.</summary>
    [JsonIgnore]
    public string Pins => Path.Combine(State, "netns");

    /// <summary>The records of the attachments (<see cref="AttachmentRecord"/>): RECORDS/ATTACHMENT.json.</summary>
    [JsonIgnore]
    public string Records => Path.Combine(State, "attachments");

    /// <summary>
    /// The reasons of failed starts (<see cref="NetworkFailure"/>): FAILURES/ATTACHMENT.json. crun does not report a hook's output.
    /// </summary>
    [JsonIgnore]
    public string Failures => Path.Combine(State, "failures");

    /// <summary>
    /// The records of attachments that ended in order: ENDED/ATTACHMENT.json. The next start of the container asks for the same addresses.
    /// </summary>
    [JsonIgnore]
    public string Ended => Path.Combine(State, "ended");

    /// <summary>
    /// The folder of the name server for the networks of these folders, in one network namespace of the host. Daemons that share networks
    /// share it, because only one program can listen at the address of a bridge.
    /// </summary>
    /// <param name="network">The network namespace, as text.</param>
    internal string NamesOf(string network) =>
        Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(State)!)!, "names", HashOf($"{Lock} {network}", NameDigits));

    /// <summary>The folders of a daemon that uses the machine's networks.</summary>
    /// <param name="uuid">The daemon's uuid.</param>
    /// <param name="containerdNamespace">The containerd namespace, whose networks of nerdctl are in a folder of their own.</param>
    internal static NetworkFolders OfMachine(string uuid, string containerdNamespace)
    {
        var configuration = Variable(ConfigurationVariable) is [var own, ..] ? own : MachineConfiguration;
        return new()
        {
            Configuration = [configuration, Path.Combine(configuration, containerdNamespace)],
            Plugins = PluginFolders(),
            Cache = MachineCache,
            State = StateOf(uuid),
        };
    }

    /// <summary>The folders of a private daemon, which has networks of its own.</summary>
    /// <param name="uuid">The daemon's uuid.</param>
    /// <param name="data">The daemon's data folder, which is removed with it.</param>
    internal static NetworkFolders OfPrivateDaemon(string uuid, string data)
    {
        var folder = Path.Combine(data, "networks");
        return new()
        {
            Configuration = [Path.Combine(folder, "net.d")],
            Plugins = PluginFolders(),
            Cache = Path.Combine(folder, "cni"),
            Addresses = Path.Combine(folder, "addresses"),
            State = StateOf(uuid),
        };
    }

    /// <summary>
    /// The CNI container id. Plugins name rules by a hash of it and of the network's name, so two daemons must not use the same one.
    /// </summary>
    /// <param name="containerdNamespace">The containerd namespace.</param>
    /// <param name="containerId">The container's id.</param>
    /// <param name="uuid">The daemon's uuid; null for the machine's daemon, whose ids are those of nerdctl.</param>
    internal static string AttachmentId(string containerdNamespace, string containerId, string? uuid) =>
        uuid is null ? $"{containerdNamespace}-{containerId}" : $"{containerdNamespace}-{containerId}-{HashOf(uuid)}";

    /// <summary>The first digits of the SHA-256 of a text.</summary>
    internal static string HashOf(string text, int digits = HashDigits) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits].ToLowerInvariant();

    /// <summary>Creates the folders of the state, which only root can access.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    internal void MakeState()
    {
        foreach (var folder in new[] { Records, Pins, Failures, Ended })
            MakeState(folder);
    }

    /// <summary>Creates a folder of the state, which only root can access.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    internal static void MakeState(string folder)
    {
        // The mode of /run is the machine's affair.
        const string Run = "/run";
        TrustedFolder.Make(folder.StartsWith(Run + "/", StringComparison.Ordinal) ? Run : "/", folder);
    }

    /// <summary>The folder of the attachments of a daemon.</summary>
    internal static string StateOf(string uuid) => Path.Combine(MachineState, uuid);

    /// <summary>The pin of an attachment.</summary>
    internal string PinOf(string attachment) => Path.Combine(Pins, attachment);

    /// <summary>The record of an attachment.</summary>
    internal string RecordOf(string attachment) => Path.Combine(Records, attachment + ".json");

    /// <summary>The record of an attachment that ended.</summary>
    internal string EndedOf(string attachment) => Path.Combine(Ended, attachment + ".json");

    /// <summary>The file with the reason why an attachment failed.</summary>
    internal string FailureOf(string attachment) => Path.Combine(Failures, attachment + ".json");

    internal NetworkFolders Complete() =>
        this with
        {
            Configuration = Configuration ?? [],
            Plugins = Plugins ?? [],
            Cache = Cache ?? "",
            State = State ?? "",
        };

    private static string[] PluginFolders() => Variable(PluginVariable) is { Length: > 0 } own ? own : MachinePlugins;

    private static string[] Variable(string name) =>
        [.. (Environment.GetEnvironmentVariable(name) ?? "").Split(':').Where(Path.IsPathFullyQualified)];
}
