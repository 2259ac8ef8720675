using System.Globalization;

namespace Containerd.Host.Networks.Requests;

/// <summary>One published port. The client expands ranges, and chooses the host port if none is specified.</summary>
internal sealed record RequestedPort
{
    /// <summary>The address of the host; null for all.</summary>
    public string? HostAddress { get; init; }

    /// <summary>The port of the host.</summary>
    public int HostPort { get; init; }

    /// <summary>The port in the container.</summary>
    public int ContainerPort { get; init; }

    /// <summary>tcp, udp or sctp.</summary>
    public string Protocol { get; init; } = "tcp";

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{AddressPart}{HostPort}/{Protocol}");

    private string AddressPart =>
        HostAddress is null ? ""
        : HostAddress.Contains(':', StringComparison.Ordinal) ? $"[{HostAddress}]:"
        : HostAddress + ":";

    internal RequestedPort Complete() => this with { Protocol = Protocol ?? "tcp", HostAddress = HostAddress is "" ? null : HostAddress };
}
