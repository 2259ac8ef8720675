namespace Containerd.Client.Workloads.Specs;

/// <summary>The root file system of a new container, and the lease that holds it until the container refers to it.</summary>
internal sealed record LeasedSnapshot(string Snapshotter, string Key, string Lease);
