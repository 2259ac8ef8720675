using System.Text.Json;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Records;

/// <summary>
/// The networks and published ports of a container, from what is stored with it: the request in its spec, its labels and, on the daemon's
/// host, the record that the helper program keeps while it is attached.
/// </summary>
internal static class ContainerNetworks
{
    /// <summary>The label with the addresses of the last start, for sessions that cannot read the record.</summary>
    internal const string AddressLabel = ContainerLabels.OwnPrefix + "addresses";

    /// <summary>The label with the published ports.</summary>
    internal const string PortLabel = ContainerLabels.OwnPrefix + "ports";

    /// <summary>The label with the id of the container whose network it uses.</summary>
    internal const string SharedLabel = ContainerLabels.OwnPrefix + "network-container";

    /// <summary>The name of the host's network.</summary>
    internal const string Host = "host";

    /// <summary>What comes before the id of the container whose network is used.</summary>
    internal const string SharedPrefix = "container:";

    private const string NerdctlNetworks = "nerdctl/networks";
    private const string Network = "network";

    /// <summary>The request of a spec; null if it has none, or one that this version cannot read.</summary>
    internal static NetworkRequest? RequestOf(CtrSpec? spec) => RequestOf(spec?.Annotations);

    private static NetworkRequest? RequestOf(CtrMap? annotations)
    {
        try
        {
            return annotations?.TryGetValue(NetworkRequest.Annotation, out var text) == true ? NetworkRequest.Read(text) : null;
        }
        catch (CtrException)
        {
            return null;
        }
    }

    /// <summary>Fills in the networks and ports of a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="spec">What its spec says.</param>
    /// <param name="isLocal">Whether the daemon runs on this machine.</param>
    internal static void Complete(CtrContainer container, SpecSummary spec, bool isLocal)
    {
        if (RequestOf(spec.Annotations) is { } request)
        {
            container.Networks = [.. Attachments(container, request, isLocal)];
            container.Ports = [.. ToMappings(request.Ports)];
            return;
        }

        string[] names =
            container.Labels.TryGetValue(SharedLabel, out var other) ? [SharedPrefix + other]
            : container.Labels.TryGetValue(NerdctlNetworks, out var theirs) ? ReadNames(theirs)
            : spec.Linux is { } linux && linux.Namespaces?.Any(n => n?.Type == Network) != true ? [Host]
            : [];
        container.Networks = [.. names.Where(name => name != "none").Select(name => Make(container, name))];
    }

    /// <summary>The text of the label with the addresses.</summary>
    internal static string WriteAddresses(IEnumerable<AttachedNetwork> networks) =>
        string.Join(';', networks.Select(n => $"{n.Name}/{n.Interface}={string.Join(',', n.Addresses.Select(WithoutPrefix))}"));

    /// <summary>The text of the label with the ports.</summary>
    internal static string WritePorts(IEnumerable<RequestedPort> ports) => string.Join(',', ToMappings(ports));

    /// <summary>The ports as mappings; ports that follow each other are one range.</summary>
    internal static IEnumerable<CtrPortMapping> ToMappings(IEnumerable<RequestedPort> ports)
    {
        CtrPortMapping? last = null;
        foreach (var port in ports)
        {
            if (
                last is not null
                && last.HostAddress == (port.HostAddress ?? "")
                && last.Protocol == port.Protocol
                && last.HostPort + last.Count == port.HostPort
                && last.ContainerPort + last.Count == port.ContainerPort
            )
            {
                last.Count++;
                continue;
            }

            if (last is not null)
                yield return last;
            last = new CtrPortMapping
            {
                HostAddress = port.HostAddress ?? "",
                HostPort = port.HostPort,
                ContainerPort = port.ContainerPort,
                Protocol = port.Protocol,
            };
        }

        if (last is not null)
            yield return last;
    }

    private static IEnumerable<CtrNetworkAttachment> Attachments(CtrContainer container, NetworkRequest request, bool isLocal)
    {
        // Nothing is written there but by root.
        var record = isLocal ? AttachmentRecord.Read(request.Folders.RecordOf(request.Attachment)) : null;
        var known = container.Labels.TryGetValue(AddressLabel, out var text) ? ReadAddresses(text) : [];
        foreach (var network in request.Networks)
        {
            var attachment = Make(container, network.Name);
            attachment.Interface = network.Interface;
            attachment.Aliases = [.. network.Aliases];
            attachment.MacAddress = network.Mac ?? "";
            attachment.IPAddresses = known.TryGetValue((network.Name, network.Interface), out var last) ? last : [.. network.Addresses];
            if (record?.Networks.FirstOrDefault(n => n.Name == network.Name && n.Interface == network.Interface) is { } attached)
            {
                attachment.IPAddresses = [.. attached.Addresses.Select(WithoutPrefix)];
                attachment.Gateways = [.. attached.Gateways];
                attachment.MacAddress = attached.Mac;
            }

            yield return attachment;
        }
    }

    private static CtrNetworkAttachment Make(CtrContainer container, string network) =>
        new()
        {
            Network = network,
            ContainerId = container.ContainerId,
            Namespace = container.Namespace,
            Session = container.Session,
        };

    /// <summary>The addresses in the text of the label.</summary>
    internal static Dictionary<(string Network, string Interface), string[]> ReadAddresses(string text)
    {
        var found = new Dictionary<(string, string), string[]>();
        foreach (var part in text.Split(';'))
            if (part.Split('=') is [var key, var addresses] && key.Split('/') is [var network, var name])
                found[(network, name)] = addresses.Split(',', StringSplitOptions.RemoveEmptyEntries);
        return found;
    }

    private static string[] ReadNames(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string WithoutPrefix(string address) => address.Split('/')[0];
}
