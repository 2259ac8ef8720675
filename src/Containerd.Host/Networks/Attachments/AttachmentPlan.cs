using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>What the plugins of one network get for a container.</summary>
[SupportedOSPlatform("linux")]
internal sealed record AttachmentPlan
{
    /// <summary>The capability of plugins that publish ports.</summary>
    internal const string PortMappings = CniNetwork.PortMappings;

    private const string Addresses = "ips";
    private const string Mac = "mac";
    private const string Aliases = "aliases";
    private const string Dns = "dns";

    /// <summary>The request.</summary>
    internal NetworkRequest Request { get; init; } = new();

    /// <summary>The network of the request.</summary>
    internal RequestedNetwork Requested { get; init; } = new();

    /// <summary>The network; without its default route if another one has it.</summary>
    internal CniNetwork Network { get; init; } = new();

    /// <summary>Whether the published ports are on this network.</summary>
    internal bool HasPorts { get; init; }

    /// <summary>Whether an attachment is that of the plan.</summary>
    internal bool IsOf(CniCacheEntry entry) => Network.Name == entry.Network && Requested.Interface == entry.Interface;

    /// <summary>The plans for all networks of a container. Everything that can be checked without running a plugin is checked.</summary>
    internal static IReadOnlyList<AttachmentPlan> Of(NetworkRequest request)
    {
        var all = CniNetworks.Read(request.Folders);
        var networks = request.Networks.Select(n => all.Require(n.Name)).ToList();
        foreach (var network in networks)
        {
            foreach (var type in network.PluginTypes.Distinct(StringComparer.Ordinal))
                _ = CniPlugin.Find(request.Folders, type, network.Name);
        }

        var gateway = networks.FindIndex(n => n.HasDefaultRoute);
        var ports = request.Ports.Count == 0 ? -1 : networks.FindIndex(n => n.CanPublish(request.HostAddresses));
        if (request.Ports.Count > 0 && ports < 0)
        {
            throw new CtrNotSupportedException(
                $"Ports cannot be published: no plugin of {string.Join(", ", networks.Select(n => $"'{n.Name}'"))} supports it."
            )
            {
                ErrorId = ErrorIds.NetworkPortsNotSupported,
                Subject = networks[0].Name,
                Remedy = "Use a network of the type bridge that is not internal.",
            };
        }

        return
        [
            .. networks.Select(
                (network, index) =>
                    new AttachmentPlan
                    {
                        Request = request,
                        Requested = request.Networks[index],
                        Network = index > gateway && gateway >= 0 ? WithoutDefaultRoute(network) : network,
                        HasPorts = index == ports,
                    }
            ),
        ];
    }

    /// <summary>The cache file of the attachment, which contains all arguments.</summary>
    /// <param name="preferred">Addresses to ask for if none were requested.</param>
    internal CniCacheEntry Entry(IReadOnlyList<string> preferred)
    {
        var addresses = Requested.Addresses.Count > 0 ? Requested.Addresses : preferred;
        var capabilities = new JsonObject();
        var arguments = new List<(string, string)>();
        if (HasPorts)
            capabilities[PortMappings] = PortArguments();
        if (addresses.Count > 0 && Network.Has(Addresses))
            capabilities[Addresses] = Texts(addresses);
        else if (addresses.FirstOrDefault(IsIPv4) is { } address)
            arguments.Add(("IP", address));
        if (Requested.Mac is { } mac)
        {
            if (Network.Has(Mac))
                capabilities[Mac] = mac;
            else
                arguments.Add(("MAC", mac));
        }

        if (Requested.Aliases.Count > 0 && Network.Has(Aliases))
            capabilities[Aliases] = new JsonObject { [Network.Name] = Texts(Requested.Aliases) };
        if (Request.Dns is { } dns && Network.Has(Dns))
        {
            capabilities[Dns] = new JsonObject
            {
                ["servers"] = Texts(dns.Servers),
                ["searches"] = Texts(dns.Search),
                ["options"] = Texts(dns.Options),
            };
        }

        if (arguments.Count > 0)
            arguments.Insert(0, ("IgnoreUnknown", "1"));
        return new()
        {
            File = CniCacheEntry.FileOf(Request.Folders, Network.Name, Request.Attachment, Requested.Interface),
            ContainerId = Request.Attachment,
            Config = Network.Content,
            Interface = Requested.Interface,
            Network = Network.Name,
            Netns = Request.Folders.PinOf(Request.Attachment),
            Arguments = arguments,
            Capabilities = capabilities.Count > 0 ? capabilities : null,
        };
    }

    private static CniNetwork WithoutDefaultRoute(CniNetwork network)
    {
        var plugins = network.Plugins.Select(p => (JsonObject)p.DeepClone()).ToList();
        plugins.ForEach(CniRoutes.RemoveDefault);
        return network with { Plugins = plugins };
    }

    /// <summary>The published ports as the argument of the capability portMappings.</summary>
    internal JsonArray PortArguments()
    {
        var mappings = new JsonArray();
        foreach (var port in Request.Ports)
        {
            var mapping = new JsonObject
            {
                ["hostPort"] = port.HostPort,
                ["containerPort"] = port.ContainerPort,
                ["protocol"] = port.Protocol,
            };
            if (port.HostAddress is { } address)
                mapping["hostIP"] = address;
            mappings.Add((JsonNode)mapping);
        }

        return mappings;
    }

    private static bool IsIPv4(string address) => IPAddress.Parse(address).AddressFamily == AddressFamily.InterNetwork;

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => JsonValue.Create(t))]);
}
