using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Configuration;

/// <summary>All networks of a daemon, whatever program wrote them.</summary>
internal sealed record CniNetworks
{
    private static readonly string[] Extensions = [".conflist", ".conf", ".json"];

    /// <summary>The networks, in the order of their files; of two with one name, only the first is used, as by libcni.</summary>
    internal IReadOnlyList<CniNetwork> All { get; init; } = [];

    /// <summary>The files that cannot be used, and why. The others still work.</summary>
    internal IReadOnlyList<CtrDataException> Flaws { get; init; } = [];

    /// <summary>Reads the folders of a daemon.</summary>
    internal static CniNetworks Read(NetworkFolders folders)
    {
        var networks = new List<CniNetwork>();
        var flaws = new List<CtrDataException>();
        foreach (var file in folders.Configuration.SelectMany(Files))
        {
            try
            {
                var network = CniNetworkFile.Read(file);
                if (networks.Any(n => n.Name == network.Name))
                    flaws.Add(CniNetworkFile.Invalid(file, $"another file also describes the network '{network.Name}'"));
                else
                    networks.Add(network);
            }
            catch (CtrDataException e)
            {
                flaws.Add(e);
            }
        }

        return new() { All = networks, Flaws = flaws };
    }

    /// <summary>The network with a name.</summary>
    /// <exception cref="CtrNotFoundException">NetworkNotFound; the message names files that cannot be used.</exception>
    internal CniNetwork Require(string name) =>
        All.FirstOrDefault(n => n.Name == name)
        ?? throw new CtrNotFoundException(
            Flaws.Count == 0
                ? $"There is no network '{name}'."
                : $"There is no network '{name}', and these files cannot be used: {string.Join(' ', Flaws.Select(f => f.Message))}"
        )
        {
            ErrorId = ErrorIds.NetworkNotFound,
            Subject = name,
            Remedy = "Create the network, or use another one.",
        };

    private static IEnumerable<string> Files(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? Directory
                    .EnumerateFiles(folder)
                    .Where(f => Extensions.Contains(Path.GetExtension(f)) && !Path.GetFileName(f).StartsWith('.'))
                    .Order(StringComparer.Ordinal)
                    .ToList()
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CniNetworkFile.Invalid(folder, "the folder cannot be read", e);
        }
    }
}
