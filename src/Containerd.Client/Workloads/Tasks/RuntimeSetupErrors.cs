using System.Globalization;
using System.Text.RegularExpressions;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>
/// The errors for a resource that a container's spec requests but the host cannot provide, recognized in the runtime's text: mounts,
/// limits, kernel parameters.
/// </summary>
internal static partial class RuntimeSetupErrors
{
    /// <summary>The error for a failure of the runtime.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="containerId">The container.</param>
    /// <returns>The error that names the mistake; null for any other text.</returns>
    internal static CtrException? Explain(CtrRuntimeException error, string containerId)
    {
        var text = error.Message;
        if (MissingSource().Match(text) is { Success: true } missing)
        {
            var source = missing.Groups["source"].Value;
            return new CtrNotFoundException($"There is no '{source}' on the daemon's host to mount in container '{containerId}'.", error)
            {
                ErrorId = ErrorIds.MountSourceNotFound,
                Subject = source,
                Remedy = "Create it first: a bind mount requires an existing file or directory.",
            };
        }

        if (FailedMount().Match(text) is { Success: true } mount)
        {
            var why = RuntimeMessage.Reason(text).Split(": ")[^1];
            return new CtrArgumentException(
                $"'{mount.Groups["source"].Value}' cannot be mounted at '/{mount.Groups["target"].Value.TrimStart('/')}' in "
                    + $"container '{containerId}': {Lower(why)}.",
                error
            )
            {
                ErrorId = ErrorIds.MountFailed,
                Subject = containerId,
                Remedy = why.Contains("ot a directory", StringComparison.Ordinal)
                    ? "Mount a file over a file and a directory over a directory, or where nothing is."
                    : null,
            };
        }

        if (LowMemory().Match(text) is { Success: true } low)
        {
            var limit = low.Groups["limit"].Success ? $" of {Size(low.Groups["limit"])}" : "";
            var need = low.Groups["use"].Success ? $": the runtime alone uses {Size(low.Groups["use"])}" : "";
            return new CtrArgumentException($"Container '{containerId}' could not start with its memory limit{limit}{need}.", error)
            {
                ErrorId = ErrorIds.InvalidLimit,
                Subject = containerId,
                RemedyId = "Memory",
                Remedy = "Set a higher memory limit, such as 16m.",
            };
        }

        if (Cpuset().Match(text) is { Success: true } set)
        {
            var processors = set.Groups["kind"].Value == "cpus";
            return new CtrArgumentException(
                $"The host does not have all the {(processors ? "processors" : "memory nodes")} (cpuset.{set.Groups["kind"].Value}) "
                    + $"that container '{containerId}' requests.",
                error
            )
            {
                ErrorId = ErrorIds.InvalidLimit,
                Subject = containerId,
                RemedyId = processors ? "CpusetCpus" : "CpusetMems",
                Remedy = processors
                    ? "Choose processors that the host has, such as 0 or 0-1."
                    : "Choose memory nodes that the host has; most hosts have only node 0.",
            };
        }

        if (Parameter().Match(text) is { Success: true } parameter)
        {
            var name = parameter.Groups["name"].Value.Replace('/', '.');
            return new CtrArgumentException($"The kernel parameter '{name}' cannot be set for container '{containerId}' alone.", error)
            {
                ErrorId = ErrorIds.InvalidSysctl,
                Subject = name,
                Remedy = "Set a parameter of the container's own namespaces, such as net.ipv4.ip_forward.",
            };
        }

        return OfRuntime().IsMatch(text)
            ? new CtrRuntimeException($"The runtime cannot do this for container '{containerId}': {RuntimeMessage.Reason(text)}.", error)
            {
                ErrorId = error.ErrorId,
                Subject = containerId,
            }
            : null;
    }

    private static string Size(Group bytes) => $"{new CtrSize(long.Parse(bytes.Value, CultureInfo.InvariantCulture))}";

    private static string Lower(string text) => text.Length > 0 ? char.ToLowerInvariant(text[0]) + text[1..] : text;

    [GeneratedRegex(@"OCI runtime \w+ failed: ")]
    private static partial Regex OfRuntime();

    [GeneratedRegex(
        """error mounting "(?<source>[^"]+)" to rootfs at "[^"]+": stat [^:]+: no such file|failed to fulfil mount request: open (?<source>[^:]+): no such file|(?:error stat'ing file|cannot stat) `(?<source>[^`]+)`: No such file"""
    )]
    private static partial Regex MissingSource();

    [GeneratedRegex(
        """error mounting "(?<source>[^"]+)" to rootfs at "(?<target>[^"]+)": |failed: mount `(?<source>[^`]+)` to `(?<target>[^`]+)`: """
    )]
    private static partial Regex FailedMount();

    [GeneratedRegex(@"unable to set memory limit to (?<limit>\d+) \(current usage: (?<use>\d+)|memory limit (?:could be )?too low")]
    private static partial Regex LowMemory();

    [GeneratedRegex(@"cpuset\.(?<kind>cpus|mems)\b.*(?:out of range|invalid argument|permission denied)", RegexOptions.IgnoreCase)]
    private static partial Regex Cpuset();

    [GeneratedRegex(
        """sysctl ["`](?<name>[^"`]+)["`] is not |open sysctl (?<name>\S+) file|open `?/proc/sys/(?<name>[^:`]+)`?: No such file""",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Parameter();
}
