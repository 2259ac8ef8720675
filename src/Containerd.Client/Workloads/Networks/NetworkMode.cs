namespace Containerd.Client.Workloads.Networks;

/// <summary>The kind of network that a container has.</summary>
internal enum NetworkMode
{
    /// <summary>A network namespace of its own with only a loopback interface.</summary>
    Loopback,

    /// <summary>The network namespace of the host.</summary>
    Host,

    /// <summary>The network namespace of another container.</summary>
    Shared,

    /// <summary>A network namespace of its own, attached to networks.</summary>
    Attached,
}
