using Containerd.Client.Records;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>The rule for the names of networks, and the names that stand for something else.</summary>
internal static class NetworkNames
{
    /// <summary>No network: only a loopback interface.</summary>
    internal const string None = "none";

    /// <summary>The network of containers that publish ports and name no network. It is created when it is first used.</summary>
    internal const string Default = "bridge";

    // The names of files are longer: they contain the id of the container too.
    private const int Longest = 64;

    /// <summary>Validates the name of a new network.</summary>
    /// <exception cref="CtrArgumentException">InvalidNetworkName.</exception>
    internal static string Require(string name)
    {
        if (IsReserved(name))
            throw Invalid(name, "it is reserved");
        if (name.Length is 0 or > Longest || !RequestChecks.IsName(name))
            throw Invalid(
                name,
                name.Length == 0 ? "it is empty"
                    : name.Length > Longest ? $"it has {name.Length} characters, and {Longest} are the most"
                    : "it may contain letters, digits, '.', '_' and '-', and starts with a letter or a digit"
            );
        return name;
    }

    /// <summary>Whether a name stands for something other than a network.</summary>
    internal static bool IsReserved(string name) =>
        name is ContainerNetworks.Host or None || name.StartsWith(ContainerNetworks.SharedPrefix, StringComparison.Ordinal);

    private static CtrArgumentException Invalid(string name, string why) =>
        new($"'{name}' cannot be the name of a network: {why}.")
        {
            ErrorId = ErrorIds.InvalidNetworkName,
            Subject = name,
            Remedy = "Choose a name such as backend.",
        };
}
