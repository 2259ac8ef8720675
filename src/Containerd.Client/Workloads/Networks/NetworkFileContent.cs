using Containerd.Host.Networks.Files;

namespace Containerd.Client.Workloads.Networks;

/// <summary>The content of a container's files.</summary>
/// <param name="Hosts">The hosts file.</param>
/// <param name="Resolver">The configuration of the resolver.</param>
internal sealed record NetworkFileContent(string Hosts, ResolvConf Resolver);
