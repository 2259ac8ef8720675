using System.Globalization;

namespace Containerd;

/// <summary>One port of the host that is forwarded to a container. A range of ports is one object for each port.</summary>
[PipelineObject(
    nameof(ContainerId),
    nameof(Protocol),
    nameof(HostAddress),
    nameof(HostPort),
    nameof(ContainerPort),
    Key = [nameof(HostAddress), nameof(HostPort), nameof(Protocol)]
)]
public sealed class CtrPort : CtrContainerObject
{
    /// <summary>The protocol: <c>tcp</c>, <c>udp</c> or <c>sctp</c>.</summary>
    public string Protocol { get; set; } = "tcp";

    /// <summary>The address of the host at which the port is reached; empty for all addresses.</summary>
    public string HostAddress { get; set; } = "";

    /// <summary>The port of the host.</summary>
    public int HostPort { get; set; }

    /// <summary>The port in the container.</summary>
    public int ContainerPort { get; set; }

    /// <summary>The port as -Publish accepts it.</summary>
    /// <returns>A text such as <c>127.0.0.1:8080:80/tcp</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{AddressPart}{HostPort}:{ContainerPort}/{Protocol}");

    private string AddressPart =>
        HostAddress.Length == 0 ? ""
        : HostAddress.Contains(':', StringComparison.Ordinal) ? $"[{HostAddress}]:"
        : $"{HostAddress}:";
}
