using Containerd.Host;

namespace Containerd.Client.Storage;

/// <summary>Converts mounts from and to the messages of containerd (types.Mount).</summary>
internal static class SnapshotMountConversion
{
    internal static SnapshotMount FromWire(Wire.Types.Mount mount) => new(mount.Type, mount.Source, mount.Target, [.. mount.Options]);

    internal static Wire.Types.Mount ToWire(this SnapshotMount mount) =>
        new()
        {
            Type = mount.Type,
            Source = mount.Source,
            Target = mount.Target,
            Options = { mount.Options },
        };
}
