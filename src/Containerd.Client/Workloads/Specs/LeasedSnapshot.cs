namespace Containerd.Client.Workloads.Specs;

/// <summary>Where a new container's root file system lies, and the lease that holds it until the container does.</summary>
internal sealed record LeasedSnapshot(string Snapshotter, string Key, string Lease);
