using Containerd.Host;

namespace Containerd.Client.Specs;

/// <summary>
/// The device nodes of a container, and the rules of its device cgroup: only the default ones, and those that the caller requests.
/// </summary>
internal static class SpecDevices
{
    // null, zero, full, random, urandom; tty, console, ptmx; and all pseudo-terminals.
    private static readonly (long Major, long? Minor)[] Usual =
    [
        (1, 3),
        (1, 5),
        (1, 7),
        (1, 8),
        (1, 9),
        (5, 0),
        (5, 1),
        (5, 2),
        (136, null),
    ];

    internal static (CtrSpecDevice[]? Nodes, CtrSpecDeviceRule[] Rules) Build(SpecOptions options, HostFacts host)
    {
        var nodes = new List<CtrSpecDevice>();
        var rules = new List<CtrSpecDeviceRule>();
        if (options.Privileged)
        {
            nodes.AddRange(host.FindDevices("/dev"));
            rules.Add(new CtrSpecDeviceRule { Allow = true, Access = "rwm" });
        }
        else
        {
            rules.Add(new CtrSpecDeviceRule { Allow = false, Access = "rwm" });
            rules.AddRange(
                Usual.Select(device => new CtrSpecDeviceRule
                {
                    Allow = true,
                    Type = "c",
                    Major = device.Major,
                    Minor = device.Minor,
                    Access = "rwm",
                })
            );
        }
        foreach (var wanted in options.Devices ?? [])
        {
            foreach (var node in Find(wanted, host))
            {
                nodes.RemoveAll(other => other.Path == node.Path);
                nodes.Add(node);
                rules.Add(
                    new CtrSpecDeviceRule
                    {
                        Allow = true,
                        Type = node.Type,
                        Major = node.Major,
                        Minor = node.Minor,
                        Access = wanted.Permissions,
                    }
                );
            }
        }
        return (nodes.Count > 0 ? [.. nodes] : null, [.. rules]);
    }

    private static IEnumerable<CtrSpecDevice> Find(CtrDevice wanted, HostFacts host)
    {
        wanted.Validate();
        var source = wanted.Source.TrimEnd('/');
        var target = wanted.Target.Length > 0 ? wanted.Target.TrimEnd('/') : source;
        var found = host.FindDevices(source);
        if (found.Count == 0)
        {
            throw new CtrNotFoundException($"There is no device '{wanted.Source}' on the host.")
            {
                ErrorId = ErrorIds.DeviceNotFound,
                Subject = wanted.Source,
                Remedy = "Check the path on the daemon's host.",
            };
        }
        foreach (var node in found)
        {
            // Devices below a directory keep their relative paths.
            node.Path = target + node.Path[source.Length..];
            yield return node;
        }
    }
}
