using System.Globalization;

namespace Containerd.Client.Specs;

/// <summary>
/// The default seccomp profile, built for the capabilities and the host of a container from the rules in <c>seccomp.txt</c>.
/// </summary>
internal static class SeccompProfile
{
    private static readonly Lazy<Rule[]> Rules = new(() => [.. Lines().Select(ParseRule)]);

    internal static CtrSpecSeccomp Default(IReadOnlyCollection<string> capabilities, string architecture, Version? kernel)
    {
        var rules = Rules.Value.Where(rule => rule.Holds(capabilities, architecture, kernel)).ToList();
        return new CtrSpecSeccomp
        {
            DefaultAction = "SCMP_ACT_ERRNO",
            // Null, which means only the native one, if the list does not contain the architecture.
            Architectures = rules.Find(rule => rule.Action == "arches")?.Names,
            Syscalls =
            [
                .. rules
                    .Where(rule => rule.Action != "arches")
                    .GroupBy(rule => rule.Argument is null ? rule.Action : rule.Source, (_, group) => ToSyscall([.. group])),
            ],
        };
    }

    private static CtrSpecSyscall ToSyscall(Rule[] group) =>
        new()
        {
            Names = [.. group.SelectMany(rule => rule.Names).Distinct()],
            Action = group[0].Action == "allow" ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO",
            ErrnoRet = group[0].Action.StartsWith("errno=", StringComparison.Ordinal)
                ? uint.Parse(group[0].Action.AsSpan(6), CultureInfo.InvariantCulture)
                : null,
            Args = group[0].Argument is { } argument ? [argument] : null,
        };

    private static IEnumerable<string> Lines()
    {
        using var stream = typeof(SeccompProfile).Assembly.GetManifestResourceStream("seccomp.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#')
                yield return line;
    }

    private static Rule ParseRule(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var head = line[..colon].Split(' ');
        var names = line[(colon + 1)..].Split(" if ");
        return new Rule(
            line,
            head[0],
            // "arches amd64" is a short form of a condition.
            head[0] == "arches"
                ? [$"arch={head[1]}"]
                : head[1..],
            names[0].Split(' ', StringSplitOptions.RemoveEmptyEntries),
            names.Length > 1 ? ParseArgument(names[1].Split(' ')) : null
        );
    }

    /// <summary>Reads <c>arg0 == 39</c> or <c>arg0 &amp; 0x7E020000 == 0</c>.</summary>
    private static CtrSpecSyscallArg ParseArgument(string[] words)
    {
        var masked = words[1] == "&";
        return new CtrSpecSyscallArg
        {
            Index = (uint)(words[0][3] - '0'),
            Value = Number(words[2]),
            ValueTwo = masked ? Number(words[4]) : null,
            Op = words[1] switch
            {
                "&" => "SCMP_CMP_MASKED_EQ",
                "<" => "SCMP_CMP_LT",
                ">" => "SCMP_CMP_GT",
                "==" => "SCMP_CMP_EQ",
                _ => throw new InvalidOperationException($"seccomp.txt: unknown comparison '{words[1]}'"),
            },
        };
    }

    private static ulong Number(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : ulong.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Rule(string Source, string Action, string[] Conditions, string[] Names, CtrSpecSyscallArg? Argument)
    {
        internal bool Holds(IReadOnlyCollection<string> capabilities, string architecture, Version? kernel) =>
            Array.TrueForAll(Conditions, condition =>
            {
                var equals = condition.IndexOf('=', StringComparison.Ordinal);
                var value = condition[(equals + 1)..];
                return condition[..equals] switch
                {
                    "cap" => capabilities.Contains($"CAP_{value}"),
                    "nocap" => !capabilities.Contains($"CAP_{value}"),
                    "arch" => value.Split(',').Contains(architecture),
                    "noarch" => !value.Split(',').Contains(architecture),
                    // An unknown kernel is assumed to be recent.
                    "kernel" => kernel is null || kernel >= Version.Parse(value),
                    _ => throw new InvalidOperationException($"seccomp.txt: unknown condition '{condition}'"),
                };
            });
    }
}
