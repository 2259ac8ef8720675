using Containerd.Client.Rootfs;
using Containerd.Client.Specs;

namespace Containerd.Client;

/// <summary>Builds specs for the daemon's host: it knows the host's facts and looks users up in the root file system that is meant.</summary>
public sealed class SpecService
{
    private readonly NamespaceClient _ns;

    internal SpecService(NamespaceClient ns) => _ns = ns;
}
