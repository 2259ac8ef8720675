using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Containerd.Client.PrivateDaemons;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Interfaces;
using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Networks.Subnets;
using Containerd.Host.Processes;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Workloads.Networks;

/// <summary>Creates networks: files for CNI plugins, with subnets that nothing else on the host uses.</summary>
[SupportedOSPlatform("linux")]
internal sealed class NetworkCreator(NetworkHost host)
{
    private const string Bridge = "bridge";
    private const string HostLocal = "host-local";
    private const string Portmap = "portmap";
    private const string Firewall = "firewall";
    private const string Tuning = "tuning";
    private const string LockFolder = "networks";
    private const int LockStep = 20;
    private const int SmallestMtu = 68;
    private const int SmallestV6Mtu = 1280;
    private const int LargestMtu = 65535;

    // Plugins with the policy that isolates containers know this version of the CNI specification; older ones do not.
    private const string IsolatingVersion = "1.1.0";

    private static readonly IpSubnet[] Reserved =
    [
        .. new[] { "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127", "fe80::/10", "ff00::/8" }.Select(text =>
            IpSubnet.TryParse(text)!.Value
        ),
    ];

    private static readonly string[] Drivers = [Bridge, "macvlan", "ipvlan"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HostInterfaces _interfaces = new(host.Daemon.Pid);

    /// <summary>The networks of all daemons that this module started are in folders of their own, but on one host.</summary>
    private static IEnumerable<NetworkFolders> OfPrivateDaemons() =>
        DaemonRegistry.All().Select(record => NetworkFolders.OfPrivateDaemon("", record.Path));

    /// <summary>Creates a network.</summary>
    internal CniNetwork Create(NetworkCreateOptions options, bool isDefault = false)
    {
        NetworkNames.Require(options.Name);
        RequireOptions(options);
        // Two processes must not choose the same subnet, whatever folders their networks are in.
        using var held = Lock();
        var existing = CniNetworks.Read(host.Folders);
        if (existing.All.FirstOrDefault(n => n.Name == options.Name) is { } same)
            throw Exists(same);
        RequirePlugins(options);
        foreach (var subnet in options.Subnets)
            RequireUsable(subnet);
        // As nerdctl, which keeps the first one for its default network.
        var first = isDefault ? SubnetAllocator.Default : SubnetAllocator.Default.Next();
        var subnets = new NewSubnets(new SubnetAllocator([.. Used(existing)]), first, _interfaces.HasV6).Choose(
            options.Subnets,
            options.Gateways,
            options.IPRanges,
            options.IPv6
        );
        if (!options.Internal && subnets.Any(s => s.Subnet.Contains(':', StringComparison.Ordinal)))
            WarnAboutRoutes(options.Warnings);
        return CniNetworkWriter.Write(host.Folders, Definition(options, subnets) with { Default = isDefault });
    }

    /// <summary>The default network: that of nerdctl, if there is one.</summary>
    internal CniNetwork EnsureDefault(IProgress<string>? warnings)
    {
        if (FindDefault() is { } found)
            return found;
        try
        {
            return Create(new NetworkCreateOptions { Name = NetworkNames.Default, Warnings = warnings }, isDefault: true);
        }
        catch (CtrConflictException e) when (e.ErrorId == ErrorIds.NetworkExists && FindDefault() is not null)
        {
            // Another process was faster.
            return FindDefault()!;
        }
    }

    private static SafeFileHandle Lock()
    {
        var folder = RunFolder.Make(LockFolder);
        var budget = new TimeBudget(Patience);
        while (budget.Remaining > TimeSpan.Zero)
        {
            if (LibcFiles.LockFolder(folder) is { } held)
                return held;
            Thread.Sleep(LockStep);
        }

        throw new CtrTimeoutException($"Another process has been creating networks for {Patience.TotalSeconds:0} seconds.")
        {
            ErrorId = ErrorIds.NetworkBusy,
            Subject = folder,
            Remedy = "Try again. If it does not help, find the process that holds the lock on the folder.",
        };
    }

    private CniNetwork? FindDefault()
    {
        var all = CniNetworks.Read(host.Folders).All;
        return all.FirstOrDefault(n => n.IsDefault) ?? all.FirstOrDefault(n => n.Name == NetworkNames.Default);
    }

    private NetworkDefinition Definition(NetworkCreateOptions options, IReadOnlyList<CniSubnet> subnets)
    {
        var route = _interfaces.DefaultInterface();
        var parent = options.Driver == Bridge ? null : options.Parent ?? route;
        if (options.Driver != Bridge && (parent is null || _interfaces.Mtu(parent) is null))
            throw new CtrNotFoundException(
                parent is null
                    ? $"A network of the driver '{options.Driver}' requires a parent interface, and the host has no default route."
                    : $"The host has no interface '{parent}'."
            )
            {
                ErrorId = ErrorIds.InterfaceNotFound,
                Subject = parent ?? options.Name,
                Remedy = "Specify an interface of the host as the parent.",
            };
        return new()
        {
            Name = options.Name,
            Driver = options.Driver,
            HostInterface = parent ?? host.BridgeOf(options.Name),
            Subnets = subnets,
            Mtu = options.Mtu ?? (options.Driver == Bridge && route is not null ? _interfaces.Mtu(route) : null),
            Internal = options.Internal,
            Isolated = options.Isolated,
            Dns = options.NameResolution == CtrNameResolution.Dns,
            Labels = options.Labels,
            Addresses = host.Folders.Addresses,
            // The plugin cannot do without iptables, unlike those for ports and masquerading.
            Firewall =
                options.Isolated
                || (CniPlugin.TryFind(host.Folders, Firewall) is not null && HostProgram.FindSystem("iptables") is not null),
        };
    }

    private static void RequireOptions(NetworkCreateOptions options)
    {
        if (!Drivers.Contains(options.Driver))
            throw Invalid(
                options.Driver,
                $"'{options.Driver}' is not a driver of networks.",
                $"Use one of {string.Join(", ", Drivers)}. Any other network can be written as a file for CNI plugins."
            );
        if (options.Driver != Bridge && (options.Internal || options.Isolated))
            throw Invalid(
                options.Name,
                $"Only a bridge network can be internal or isolated, not one of the driver '{options.Driver}'.",
                "Use the driver bridge."
            );
        if (options.Driver != Bridge && options.NameResolution == CtrNameResolution.Dns)
            throw Invalid(
                options.Name,
                $"Names cannot be resolved by DNS in a network of the driver '{options.Driver}': the host has no address in it at which a "
                    + "name server can listen.",
                "Use the driver bridge, or resolve names by hosts files."
            );
        if (options.Driver == Bridge && options.Parent is { } parent)
            throw Invalid(parent, "A bridge network has no parent interface.", "Use the driver macvlan or ipvlan, or omit the parent.");
        var smallest = options.IPv6 || options.Subnets.Any(s => s.Contains(':', StringComparison.Ordinal)) ? SmallestV6Mtu : SmallestMtu;
        if (options.Mtu is { } mtu && (mtu < smallest || mtu > LargestMtu))
            throw Invalid($"{mtu}", $"The MTU {mtu} is not between {smallest} and {LargestMtu}.", "Use a size in bytes such as 1500.");
    }

    private static void RequireUsable(string text)
    {
        if (IpSubnet.TryParse(text) is not { } subnet || !Array.Exists(Reserved, other => other.Overlaps(subnet)))
            return;
        throw new CtrArgumentException(
            $"The subnet {text} overlaps with addresses that hosts of a network cannot have: loopback, multicast or link-local."
        )
        {
            ErrorId = ErrorIds.InvalidSubnet,
            Subject = text,
            Remedy = "Use a private subnet, such as 10.4.1.0/24, or none: then a free one is chosen.",
        };
    }

    /// <summary>The plugins that a new network requires.</summary>
    internal static string[] Required(NetworkCreateOptions options) =>
        [
            options.Driver,
            HostLocal,
            .. options.Driver != Bridge ? Array.Empty<string>()
            : options.Internal ? [Tuning]
            : [Portmap, Tuning],
        ];

    private void RequirePlugins(NetworkCreateOptions options)
    {
        foreach (var type in Required(options))
            _ = CniPlugin.Find(host.Folders, type, options.Name);
        if (options.NameResolution == CtrNameResolution.Dns)
            _ = NameServerProgram.Find(host.Folders, options.Name);
        if (!options.Isolated)
            return;
        var firewall = CniPlugin.Find(host.Folders, Firewall, options.Name);
        var answer = firewall.Run("VERSION", [], new JsonObject { ["cniVersion"] = "1.0.0" }, new TimeBudget(Patience));
        if (answer?["supportedVersions"] is JsonArray versions && versions.Any(v => CniJson.Text(v) == IsolatingVersion))
            return;
        throw new CtrNotSupportedException(
            $"The containers of the network '{options.Name}' cannot be isolated: the CNI plugin '{firewall.Program}' is too old."
        )
        {
            ErrorId = ErrorIds.NetworkNotSupported,
            Subject = options.Name,
            Remedy = "Install CNI plugins of version 1.7.1 or later.",
        };
    }

    private IEnumerable<UsedSubnet> Used(CniNetworks existing)
    {
        foreach (var used in HostSubnets.Of(host.Daemon.Pid).Concat(HostSubnets.OfDocker()))
            yield return used;
        var others = OfPrivateDaemons().Append(NetworkFolders.OfMachine("", "default")).SelectMany(Networks);
        foreach (var network in existing.All.Concat(others))
        foreach (var subnet in network.Subnets)
            if (IpSubnet.TryParse(subnet.Subnet) is { } parsed)
                yield return new UsedSubnet(parsed, $"the network '{network.Name}'");
    }

    /// <summary>The networks of a folder, and those in the folders of nerdctl's namespaces below it.</summary>
    private static IReadOnlyList<CniNetwork> Networks(NetworkFolders folders)
    {
        var configuration = folders.Configuration[0];
        return Directory.Exists(configuration)
            ? CniNetworks.Read(folders with { Configuration = [configuration, .. Directory.GetDirectories(configuration)] }).All
            : [];
    }

    private void WarnAboutRoutes(IProgress<string>? warnings)
    {
        if (warnings is null || _interfaces.AdvertisedInterface() is not { } name)
            return;
        var setting = $"/proc/sys/net/ipv6/conf/{name}/accept_ra";
        if (File.Exists(setting) && File.ReadAllText(setting).Trim() == "2")
            return;
        warnings.Report(
            $"The IPv6 default route of this host is from router advertisements on '{name}'. The kernel ignores them when it forwards "
                + $"packets, which this network requires. Set net.ipv6.conf.{name}.accept_ra to 2 to keep the route."
        );
    }

    private static CtrConflictException Exists(CniNetwork network) =>
        new($"A network '{network.Name}' already exists: {network.Path}.")
        {
            ErrorId = ErrorIds.NetworkExists,
            Subject = network.Name,
            Remedy = "Choose another name, or remove that network.",
        };

    private static CtrArgumentException Invalid(string subject, string message, string remedy) =>
        new(message)
        {
            ErrorId = ErrorIds.InvalidNetworkOption,
            Subject = subject,
            Remedy = remedy,
        };
}
