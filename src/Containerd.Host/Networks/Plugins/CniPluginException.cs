using System.Globalization;

namespace Containerd.Host.Networks.Plugins;

/// <summary>The error of a plugin. It does not leave the layer: <see cref="ToError"/> is what the caller gets.</summary>
internal sealed class CniPluginException : Exception
{
    private readonly bool _timedOut;

    /// <summary>Creates the error.</summary>
    internal CniPluginException(string type, string command, int code, string message)
        : base(message.TrimEnd('.'))
    {
        Type = type;
        Command = command;
        Code = code;
    }

    private CniPluginException(string type, string command, TimeSpan limit)
        : this(type, command, 0, string.Create(CultureInfo.InvariantCulture, $"it did not end within {limit.TotalSeconds:0} seconds")) =>
        _timedOut = true;

    /// <summary>The code of an error that says that nothing is known about the container.</summary>
    internal const int UnknownContainer = 3;

    /// <summary>The plugin.</summary>
    internal string Type { get; }

    /// <summary>The command that failed.</summary>
    internal string Command { get; }

    /// <summary>The code of the error; 0 if the plugin reported none.</summary>
    internal int Code { get; }

    /// <summary>Whether host-local refused an address because it is reserved.</summary>
    internal bool IsAddressInUse =>
        Message.Contains("is not available in range set", StringComparison.Ordinal)
        || Message.Contains("duplicate allocation is not allowed", StringComparison.Ordinal);

    /// <summary>Whether host-local refused an address because no range contains it.</summary>
    internal bool IsAddressOutside =>
        Message.Contains("failed to allocate all requested IPs", StringComparison.Ordinal)
        || Message.Contains("not in any of the ranges", StringComparison.Ordinal);

    internal static CniPluginException TimedOut(string type, string command, TimeSpan limit) => new(type, command, limit);

    /// <summary>The error for the caller.</summary>
    /// <param name="network">The network.</param>
    /// <param name="addresses">The addresses that were requested.</param>
    internal CtrException ToError(string network, IReadOnlyList<string> addresses)
    {
        var wanted = string.Join(", ", addresses);
        if (addresses.Count > 0 && IsAddressInUse)
        {
            return new CtrConflictException($"The address {wanted} of the network '{network}' is not free: {Message}.", this)
            {
                ErrorId = ErrorIds.NetworkAddressInUse,
                Subject = wanted,
                Remedy = "Use another address, or remove the container that has it.",
            };
        }

        if (addresses.Count > 0 && IsAddressOutside)
        {
            return new CtrArgumentException($"The address {wanted} is not in a range of the network '{network}'.", this)
            {
                ErrorId = ErrorIds.NetworkAddressOutside,
                Subject = wanted,
                Remedy = "Use an address of the network's subnet.",
            };
        }

        return _timedOut
            ? new CtrTimeoutException($"The CNI plugin '{Type}' failed for the network '{network}' ({Command}): {Message}.", this)
            {
                ErrorId = ErrorIds.NetworkPluginTimedOut,
                Subject = network,
                Remedy = "Check the programs that the plugin runs, such as iptables, on the daemon's host.",
            }
            : new CtrRuntimeException($"The CNI plugin '{Type}' failed for the network '{network}' ({Command}): {Message}.", this)
            {
                ErrorId = ErrorIds.NetworkPluginFailed,
                Subject = network,
                Remedy = "Correct what the plugin reports: the configuration of the network, or the daemon's host.",
            };
    }
}
