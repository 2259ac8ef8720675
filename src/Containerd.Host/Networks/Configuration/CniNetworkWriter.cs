using System.Text.Json.Nodes;
using Containerd.Host.Files;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Configuration;

/// <summary>Writes networks of the module, in the form of nerdctl's, which lists and removes them as its own.</summary>
internal static class CniNetworkWriter
{
    // Debian 12 has plugins for version 1.0, and plugins of later versions accept it.
    private const string Version = "1.0.0";
    private const string Prefix = "containerd-powershell-";

    // Readable for tools that only list networks.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The file of a network.</summary>
    internal static string FileOf(NetworkFolders folders, string name) =>
        Path.Combine(folders.Configuration[0], $"{Prefix}{name}.conflist");

    /// <summary>Writes a network, which must not exist.</summary>
    /// <returns>The network.</returns>
    internal static CniNetwork Write(NetworkFolders folders, NetworkDefinition definition)
    {
        var path = FileOf(folders, definition.Name);
        var content = CniJson.Write(Build(definition), indented: true);
        var network = CniNetworkFile.Parse(path, content);
        Directory.CreateDirectory(folders.Configuration[0]);
        if (OperatingSystem.IsLinux())
            TrustedFolder.Write(path, content, Mode);
        return network;
    }

    /// <summary>The conflist of a network.</summary>
    internal static JsonObject Build(NetworkDefinition definition)
    {
        var labels = new JsonObject();
        foreach (var (key, value) in definition.Labels)
            labels[key] = value;
        var theirs = (JsonObject)labels.DeepClone();
        if (definition.Default)
            theirs[CniNetworkFile.NerdctlDefault] = "true";
        var plugins = new JsonArray();
        Add(plugins, definition.Driver == "bridge" ? Bridge(definition) : Interface(definition));
        if (definition.Driver == "bridge")
        {
            if (!definition.Internal)
                Add(plugins, new JsonObject { ["type"] = "portmap", ["capabilities"] = Capability("portMappings") });
            if (definition.Firewall)
                Add(
                    plugins,
                    new JsonObject { ["type"] = "firewall", ["ingressPolicy"] = definition.Isolated ? "isolated" : "same-bridge" }
                );
            Add(plugins, new JsonObject { ["type"] = "tuning" });
        }

        return new()
        {
            ["cniVersion"] = Version,
            ["name"] = definition.Name,
            [CniNetworkFile.NerdctlId] = NetworkFolders.HashOf(definition.Name, 64),
            [CniNetworkFile.NerdctlLabels] = theirs,
            [CniNetworkFile.Module] = Module(definition, labels),
            ["plugins"] = plugins,
        };
    }

    private static JsonObject Module(NetworkDefinition definition, JsonObject labels)
    {
        var own = new JsonObject { ["labels"] = labels };
        if (definition.Dns)
            own[CniNetworkFile.NameResolution] = CniNetworkFile.Dns;
        if (definition.Dns && definition.Internal)
            own[CniNetworkFile.Internal] = true;
        return own;
    }

    private static JsonObject Bridge(NetworkDefinition definition)
    {
        var plugin = new JsonObject
        {
            ["type"] = "bridge",
            ["bridge"] = definition.HostInterface,
            // A name server requires an address to listen at.
            ["isGateway"] = !definition.Internal || definition.Dns,
            ["ipMasq"] = !definition.Internal,
            ["hairpinMode"] = true,
        };
        return Complete(plugin, definition);
    }

    private static JsonObject Interface(NetworkDefinition definition) =>
        Complete(new() { ["type"] = definition.Driver, ["master"] = definition.HostInterface }, definition);

    private static JsonObject Complete(JsonObject plugin, NetworkDefinition definition)
    {
        if (definition.Mtu is { } mtu)
            plugin["mtu"] = mtu;
        foreach (var (key, value) in definition.DriverOptions)
            plugin[key] = value;
        // Addresses of both families can only be requested this way.
        plugin["capabilities"] = Capability("ips");
        var ipam = new JsonObject { ["type"] = "host-local" };
        if (definition.Addresses is { } folder)
            ipam["dataDir"] = folder;
        var ranges = new JsonArray();
        var routes = new JsonArray();
        foreach (var subnet in definition.Subnets)
        {
            var range = new JsonObject { ["subnet"] = subnet.Subnet };
            Set(range, "rangeStart", subnet.RangeStart);
            Set(range, "rangeEnd", subnet.RangeEnd);
            Set(range, "gateway", subnet.Gateway);
            Add(ranges, new JsonArray { (JsonNode)range });
            if (!definition.Internal)
                Add(routes, new JsonObject { ["dst"] = subnet.Subnet.Contains(':', StringComparison.Ordinal) ? "::/0" : "0.0.0.0/0" });
        }

        ipam["ranges"] = ranges;
        if (routes.Count > 0)
            ipam["routes"] = routes;
        plugin["ipam"] = ipam;
        return plugin;
    }

    // The generic Add of an array would need reflection.
    private static void Add(JsonArray array, JsonNode node) => array.Add(node);

    private static JsonObject Capability(string name) => new() { [name] = true };

    private static void Set(JsonObject target, string key, string? value)
    {
        if (value is not null)
            target[key] = value;
    }
}
