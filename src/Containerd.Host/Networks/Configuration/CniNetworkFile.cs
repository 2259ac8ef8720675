using System.Text.Json.Nodes;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Configuration;

/// <summary>Reads the files of networks as libcni does: conflists, and the deprecated form of one plugin in a file.</summary>
internal static class CniNetworkFile
{
    /// <summary>The key of nerdctl's id: the SHA-256 of the name.</summary>
    internal const string NerdctlId = "nerdctlID";

    /// <summary>The key of nerdctl's labels.</summary>
    internal const string NerdctlLabels = "nerdctlLabels";

    /// <summary>The label that marks nerdctl's default network.</summary>
    internal const string NerdctlDefault = "nerdctl/default-network";

    /// <summary>The key of the module's own data.</summary>
    internal const string Module = "containerd-powershell";

    /// <summary>The key of the module's data for the way in which names are resolved.</summary>
    internal const string NameResolution = "nameResolution";

    /// <summary>Its value for a name server.</summary>
    internal const string Dns = "dns";

    /// <summary>The key of the module's data for an internal network whose bridge has an address.</summary>
    internal const string Internal = "internal";

    private const long LongestFile = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <exception cref="CtrDataException">NetworkConfigInvalid: which file, and why.</exception>
    internal static CniNetwork Read(string path)
    {
        byte[] content;
        try
        {
            if (new FileInfo(path).Length > LongestFile)
                throw Invalid(path, "it is larger than 1 MiB");
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, "it cannot be read", e);
        }

        return Parse(path, content);
    }

    /// <summary>Reads the content of a file.</summary>
    /// <param name="path">Its path, for messages and for further plugins beside it.</param>
    /// <param name="content">Its bytes.</param>
    internal static CniNetwork Parse(string path, byte[] content)
    {
        var text = content.AsSpan();
        var root = CniJson.Read(text) ?? throw Invalid(path, "it is not a valid JSON object");
        var name = CniJson.Text(root["name"]) ?? "";
        if (!RequestChecks.IsName(name))
            throw Invalid(path, name.Length == 0 ? "it has no name" : $"'{name}' is not a valid name of a network");
        var isList = root["plugins"] is JsonArray;
        if (!isList && CniJson.Text(root["type"]) is null)
            throw Invalid(path, "it has no plugins");
        var plugins = isList ? [.. CniJson.Objects(root["plugins"])] : new List<JsonObject> { root };
        if (isList && !CniJson.Flag(root["loadOnlyInlinedPlugins"]))
            plugins.AddRange(Beside(path, name));
        if (plugins.Count == 0)
            throw Invalid(path, "it has no plugins");
        if (plugins.Any(p => CniJson.Text(p["type"]) is not { Length: > 0 } type || type.AsSpan().ContainsAny('/', '\0')))
            throw Invalid(path, "a plugin has no valid type");
        var own = root[Module] as JsonObject;
        var labels = Labels(own?["labels"]);
        var theirs = Labels(root[NerdctlLabels]);
        return new CniNetwork
        {
            Path = path,
            Content = content,
            Name = name,
            Version = VersionOf(root, path),
            Plugins = plugins,
            Author =
                own is not null ? CniAuthor.Module
                : CniJson.Text(root[NerdctlId]) is not null ? CniAuthor.Nerdctl
                : CniAuthor.Other,
            Labels = own is not null ? labels : theirs,
            UsesDns = CniJson.Text(own?[NameResolution]) == Dns,
            IsMarkedInternal = CniJson.Flag(own?[Internal]),
            NerdctlId = CniJson.Text(root[NerdctlId]),
            IsDefault = theirs.TryGetValue(NerdctlDefault, out var mark) && mark == "true",
        };
    }

    /// <summary>The error for a file that is not a network.</summary>
    internal static CtrDataException Invalid(string path, string why, Exception? cause = null) =>
        new($"The network in '{path}' cannot be used: {why}.", cause)
        {
            ErrorId = ErrorIds.NetworkConfigInvalid,
            Subject = path,
            Remedy = "Correct the file, or move it out of the folder; other networks are not affected.",
        };

    private static CniVersion VersionOf(JsonObject root, string path)
    {
        var all = (root["cniVersions"] as JsonArray ?? []).Append(root["cniVersion"]).Select(CniJson.Text).OfType<string>().ToList();
        var known = all.Select(CniVersion.Read).OfType<CniVersion>().Where(v => v.CompareTo(CniVersion.Lowest) >= 0).ToList();
        // libcni passes on any version that it knows the results of, and no more.
        return known.Where(v => v.CompareTo(CniVersion.Highest) <= 0) is var usable && usable.Any()
            ? usable.Max()
            : throw Invalid(
                path,
                all.Count == 0
                    ? "it has no version of the CNI specification"
                    : $"it requires version {string.Join(" or ", all)} of the CNI specification, and {CniVersion.Lowest} to "
                        + $"{CniVersion.Highest} are known"
            );
    }

    // Since version 1.1 of the specification.
    private static IEnumerable<JsonObject> Beside(string path, string name)
    {
        var folder = Path.Combine(Path.GetDirectoryName(path) ?? "/", name);
        if (!Directory.Exists(folder))
            yield break;
        foreach (var file in Directory.EnumerateFiles(folder, "*.conf").Order(StringComparer.Ordinal))
            yield return CniJson.Read(File.ReadAllBytes(file)) ?? throw Invalid(file, "it is not a valid JSON object");
    }

    private static Dictionary<string, string> Labels(JsonNode? node) =>
        node is JsonObject labels
            ? labels
                .Where(l => CniJson.Text(l.Value) is not null)
                .ToDictionary(l => l.Key, l => CniJson.Text(l.Value)!, StringComparer.Ordinal)
            : new(StringComparer.Ordinal);
}
