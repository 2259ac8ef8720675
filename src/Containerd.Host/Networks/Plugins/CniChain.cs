using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Plugins;

/// <summary>
/// The plugins of a network for one container, as libcni runs them: ADD forward, each with the result of the one before; DEL backward, all
/// with the last result. The cache file exists from before the first ADD until after the last DEL.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class CniChain
{
    private const string Add = "ADD";
    private const string Delete = "DEL";

    /// <summary>Attaches the container. A failure leaves the cache file, by which the caller undoes the plugins that ran.</summary>
    /// <param name="folders">The folders of the plugins.</param>
    /// <param name="network">The network, whose plugins may differ from the file's.</param>
    /// <param name="entry">The cache file.</param>
    /// <param name="budget">The time for all plugins.</param>
    /// <returns>The cache file with the result.</returns>
    /// <exception cref="CniPluginException">A plugin failed.</exception>
    internal static CniCacheEntry Attach(NetworkFolders folders, CniNetwork network, CniCacheEntry entry, TimeBudget budget)
    {
        entry.Write();
        JsonObject? result = null;
        foreach (var plugin in network.Plugins)
        {
            result = Find(folders, plugin, network.Name)
                .Run(Add, Environment(folders, entry), Input(network, plugin, entry, result), budget)
                ?? throw new CniPluginException(CniJson.Text(plugin["type"])!, Add, 0, "it wrote no result");
        }

        var complete = entry with { Result = result };
        complete.Write();
        return complete;
    }

    /// <summary>
    /// Runs some plugins of a network again for a container that is attached: those that only add rules, which they do not add twice. The
    /// cache file keeps the new arguments, so that they are removed with the rest.
    /// </summary>
    /// <param name="folders">The folders of the plugins.</param>
    /// <param name="entry">The cache file, whose arguments may have changed.</param>
    /// <param name="isWanted">Which plugins.</param>
    /// <param name="budget">The time for all plugins.</param>
    /// <param name="isRemoved">Whether the rules are removed.</param>
    /// <exception cref="CniPluginException">A plugin failed.</exception>
    internal static void Repeat(
        NetworkFolders folders,
        CniCacheEntry entry,
        Func<JsonObject, bool> isWanted,
        TimeBudget budget,
        bool isRemoved = false
    )
    {
        entry.Write();
        var network = NetworkOf(folders, entry);
        foreach (var plugin in network.Plugins.Where(isWanted))
        {
            Find(folders, plugin, network.Name)
                .Run(isRemoved ? Delete : Add, Environment(folders, entry), Input(network, plugin, entry, entry.Result), budget);
        }
    }

    /// <summary>The network as it was when the container was attached.</summary>
    /// <exception cref="CtrDataException">NetworkConfigInvalid.</exception>
    internal static CniNetwork NetworkOf(NetworkFolders folders, CniCacheEntry entry) =>
        CniNetworkFile.Parse(Path.Combine(folders.Configuration[0], "x.conflist"), entry.Config);

    /// <summary>Detaches the container, and removes the cache file if no plugin failed.</summary>
    /// <param name="folders">The folders of the plugins.</param>
    /// <param name="entry">The cache file.</param>
    /// <param name="netns">The network namespace; null if it no longer exists.</param>
    /// <param name="budget">The time for all plugins.</param>
    /// <param name="isSkipped">Plugins that are not run, because they have done nothing; null for none.</param>
    /// <returns>The failures, of which there can be several: each plugin is given the chance to clean up.</returns>
    internal static IReadOnlyList<CtrException> Detach(
        NetworkFolders folders,
        CniCacheEntry entry,
        string? netns,
        TimeBudget budget,
        Func<JsonObject, bool>? isSkipped = null
    )
    {
        CniNetwork network;
        try
        {
            network = NetworkOf(folders, entry);
        }
        catch (CtrDataException e)
        {
            return [e];
        }

        entry = entry with { Netns = netns ?? "" };
        var errors = new List<CtrException>();
        var result = network.Version.CompareTo(CniVersion.ResultForDelete) >= 0 ? entry.Result : null;
        foreach (var plugin in network.Plugins.Reverse().Where(p => isSkipped?.Invoke(p) != true))
        {
            try
            {
                Find(folders, plugin, network.Name).Run(Delete, Environment(folders, entry), Input(network, plugin, entry, result), budget);
            }
            catch (CniPluginException e)
            {
                if (e.Code != CniPluginException.UnknownContainer)
                    errors.Add(e.ToError(network.Name, []));
            }
            catch (CtrNotFoundException e)
            {
                errors.Add(e);
            }
        }

        if (errors.Count == 0)
            File.Delete(entry.File);
        return errors;
    }

    private static CniPlugin Find(NetworkFolders folders, JsonObject plugin, string network) =>
        CniPlugin.Find(folders, CniJson.Text(plugin["type"])!, network);

    private static IEnumerable<(string Name, string Value)> Environment(NetworkFolders folders, CniCacheEntry entry)
    {
        yield return ("CONTAINERID", entry.ContainerId);
        yield return ("NETNS", entry.Netns);
        yield return ("IFNAME", entry.Interface);
        yield return ("PATH", string.Join(':', folders.Plugins));
        if (entry.Arguments.Count > 0)
            yield return ("ARGS", string.Join(';', entry.Arguments.Select(a => $"{a.Name}={a.Value}")));
    }

    /// <summary>The plugin's own object, with the network's name and version, its capability arguments and the result so far.</summary>
    private static JsonObject Input(CniNetwork network, JsonObject plugin, CniCacheEntry entry, JsonObject? result)
    {
        var input = (JsonObject)plugin.DeepClone();
        input["cniVersion"] = network.Version.ToString();
        input["name"] = network.Name;
        if (plugin["capabilities"] is JsonObject declared)
        {
            input.Remove("capabilities");
            var arguments = new JsonObject();
            foreach (var (name, value) in entry.Capabilities ?? [])
            {
                if (CniJson.Flag(declared[name]) && value is not null)
                    arguments[name] = value.DeepClone();
            }

            if (arguments.Count > 0)
                input["runtimeConfig"] = arguments;
        }

        if (result is not null)
            input["prevResult"] = result.DeepClone();
        return input;
    }
}
