namespace Containerd.Host;

/// <summary>The capabilities of Linux, and those that a container has by default.</summary>
public static class CapabilityNames
{
    // By number, from 0.
    private static readonly string[] Known =
    [
        "CAP_CHOWN",
        "CAP_DAC_OVERRIDE",
        "CAP_DAC_READ_SEARCH",
        "CAP_FOWNER",
        "CAP_FSETID",
        "CAP_KILL",
        "CAP_SETGID",
        "CAP_SETUID",
        "CAP_SETPCAP",
        "CAP_LINUX_IMMUTABLE",
        "CAP_NET_BIND_SERVICE",
        "CAP_NET_BROADCAST",
        "CAP_NET_ADMIN",
        "CAP_NET_RAW",
        "CAP_IPC_LOCK",
        "CAP_IPC_OWNER",
        "CAP_SYS_MODULE",
        "CAP_SYS_RAWIO",
        "CAP_SYS_CHROOT",
        "CAP_SYS_PTRACE",
        "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT",
        "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE",
        "CAP_SYS_TIME",
        "CAP_SYS_TTY_CONFIG",
        "CAP_MKNOD",
        "CAP_LEASE",
        "CAP_AUDIT_WRITE",
        "CAP_AUDIT_CONTROL",
        "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE",
        "CAP_MAC_ADMIN",
        "CAP_SYSLOG",
        "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND",
        "CAP_AUDIT_READ",
        "CAP_PERFMON",
        "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>Every capability, such as <c>CAP_CHOWN</c>, in the order of their numbers.</summary>
    public static IReadOnlyList<string> All => Known;

    /// <summary>The default capabilities of a container.</summary>
    public static IReadOnlyList<string> Default { get; } =
    [
        "CAP_CHOWN",
        "CAP_DAC_OVERRIDE",
        "CAP_FSETID",
        "CAP_FOWNER",
        "CAP_MKNOD",
        "CAP_NET_RAW",
        "CAP_SETGID",
        "CAP_SETUID",
        "CAP_SETFCAP",
        "CAP_SETPCAP",
        "CAP_NET_BIND_SERVICE",
        "CAP_SYS_CHROOT",
        "CAP_KILL",
        "CAP_AUDIT_WRITE",
    ];

    /// <summary>Parses the name of a capability.</summary>
    /// <param name="name">The name in any case, with or without <c>CAP_</c>.</param>
    /// <returns>The name as in a spec.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidCapability</c>: the name is not a capability.</exception>
    public static string Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var full = Full(name);
        return Array.IndexOf(Known, full) >= 0
            ? full
            : throw new CtrArgumentException($"There is no capability '{name}'.")
            {
                ErrorId = ErrorIds.InvalidCapability,
                Subject = name,
                Remedy = Near(full) is { Length: > 0 } near
                    ? $"Did you mean {string.Join(" or ", near)}?"
                    : "Use a name such as NET_ADMIN or CAP_NET_ADMIN, or ALL.",
            };
    }

    internal static bool IsAll(string name) => Full(name) == "CAP_ALL";

    /// <summary>The names in a mask of capabilities, as <c>/proc/PID/status</c> has it.</summary>
    internal static string[] FromMask(ulong mask) => [.. Known.Where((_, number) => (mask >> number & 1) != 0)];

    private static string Full(string name)
    {
        var upper = name.Trim().ToUpperInvariant();
        return upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper : $"CAP_{upper}";
    }

    private static string[] Near(string full) =>
        [
            .. Known
                .Select(known =>
                    (
                        Name: known,
                        Distance: known.Contains(full[4..], StringComparison.Ordinal) && full.Length > 6 ? 1 : Distance(known, full)
                    )
                )
                .Where(candidate => candidate.Distance <= 3)
                .OrderBy(candidate => candidate.Distance)
                .Take(3)
                .Select(candidate => candidate.Name),
        ];

    /// <summary>The number of letters that must be inserted, removed or replaced between two names (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
