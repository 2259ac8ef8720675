using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Containerd.Host.Files;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Plugins;

/// <summary>
/// A file of libcni's cache: an attachment of a container to a network, with everything that is needed to undo it. Other programs that use
/// CNI write and read the same files.
/// </summary>
internal sealed record CniCacheEntry
{
    private const string Kind = "cniCacheV1";

    /// <summary>The file.</summary>
    internal string File { get; init; } = "";

    /// <summary>The CNI container id.</summary>
    internal string ContainerId { get; init; } = "";

    /// <summary>The bytes of the network's file.</summary>
    internal byte[] Config { get; init; } = [];

    /// <summary>The interface in the container.</summary>
    internal string Interface { get; init; } = "";

    /// <summary>The network's name.</summary>
    internal string Network { get; init; } = "";

    /// <summary>The path of the network namespace.</summary>
    internal string Netns { get; init; } = "";

    /// <summary>The arguments of CNI_ARGS.</summary>
    internal IReadOnlyList<(string Name, string Value)> Arguments { get; init; } = [];

    /// <summary>The capability arguments.</summary>
    internal JsonObject? Capabilities { get; init; }

    /// <summary>The result of the last ADD; null if none was completed.</summary>
    internal JsonObject? Result { get; init; }

    /// <summary>The file of an attachment.</summary>
    internal static string FileOf(NetworkFolders folders, string network, string containerId, string interfaceName) =>
        Path.Combine(folders.Results, $"{network}-{containerId}-{interfaceName}");

    /// <summary>Reads the files of a folder; those that are not entries are skipped.</summary>
    /// <param name="results">The folder.</param>
    /// <param name="containerId">Only the entries of this container; null for all.</param>
    internal static IReadOnlyList<CniCacheEntry> ReadAll(string results, string? containerId = null)
    {
        if (!Directory.Exists(results))
            return [];
        var entries = new List<CniCacheEntry>();
        foreach (var file in Directory.EnumerateFiles(results))
        {
            // The name of the file contains the id, among others that may contain it too.
            if (
                (containerId is null || Path.GetFileName(file).Contains(containerId, StringComparison.Ordinal))
                && Read(file) is { } entry
                && (containerId is null || entry.ContainerId == containerId)
            )
                entries.Add(entry);
        }

        return entries;
    }

    /// <summary>Reads a file.</summary>
    /// <returns>The entry; null if the file is not one.</returns>
    internal static CniCacheEntry? Read(string file)
    {
        try
        {
            if (CniJson.Read(System.IO.File.ReadAllBytes(file)) is not { } root || CniJson.Text(root["kind"]) != Kind)
                return null;
            return new()
            {
                File = file,
                ContainerId = CniJson.Text(root["containerId"]) ?? "",
                Config = Convert.FromBase64String(CniJson.Text(root["config"]) ?? ""),
                Interface = CniJson.Text(root["ifName"]) ?? "",
                Network = CniJson.Text(root["networkName"]) ?? "",
                Netns = CniJson.Text(root["netns"]) ?? "",
                Arguments =
                [
                    .. (root["cniArgs"] as JsonArray ?? [])
                        .OfType<JsonArray>()
                        .Where(p => p.Count == 2)
                        .Select(p => (CniJson.Text(p[0]) ?? "", CniJson.Text(p[1]) ?? "")),
                ],
                Capabilities = root["capabilityArgs"] as JsonObject,
                Result = root["result"] as JsonObject,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Writes the file.</summary>
    [SupportedOSPlatform("linux")]
    internal void Write()
    {
        var root = new JsonObject
        {
            ["kind"] = Kind,
            ["containerId"] = ContainerId,
            ["config"] = Convert.ToBase64String(Config),
            ["ifName"] = Interface,
            ["networkName"] = Network,
            ["netns"] = Netns,
        };
        if (Arguments.Count > 0)
        {
            var all = new JsonArray();
            foreach (var (name, value) in Arguments)
                all.Add((JsonNode)new JsonArray(JsonValue.Create(name), JsonValue.Create(value)));
            root["cniArgs"] = all;
        }

        if (Capabilities is not null)
            root["capabilityArgs"] = Capabilities.DeepClone();
        if (Result is not null)
            root["result"] = Result.DeepClone();
        try
        {
            TrustedFolder.MakeMissing(Path.GetDirectoryName(File)!);
            TrustedFolder.Write(File, CniJson.Write(root));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NetworkStateErrors.Failed($"The file '{File}' cannot be written", e);
        }
    }

    /// <summary>The published ports.</summary>
    internal IEnumerable<RequestedPort> Ports =>
        CniJson
            .Objects(Capabilities?["portMappings"])
            .Select(p => new RequestedPort
            {
                HostAddress = CniJson.Text(p["hostIP"]) is { Length: > 0 } address ? address : null,
                HostPort = CniJson.Number(p["hostPort"]) ?? 0,
                ContainerPort = CniJson.Number(p["containerPort"]) ?? 0,
                Protocol = CniJson.Text(p["protocol"])?.ToLowerInvariant() ?? "tcp",
            });

    /// <summary>The addresses of the result, with prefix length.</summary>
    internal IReadOnlyList<string> Addresses =>
        [.. CniJson.Objects(Result?["ips"]).Select(ip => CniJson.Text(ip["address"])).OfType<string>()];
}
