namespace Containerd;

/// <summary>The system calls that a container can make (OCI runtime spec, config-linux.md, Seccomp).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrSpecSeccomp : CtrSpecNode
{
    /// <summary>The action for a call that no rule matches, such as <c>SCMP_ACT_ERRNO</c>.</summary>
    public string DefaultAction { get; set; } = "";

    /// <summary>The error number of such a call; null for EPERM.</summary>
    public uint? DefaultErrnoRet { get; set; }

    /// <summary>The architectures whose calls the rules cover, such as <c>SCMP_ARCH_X86_64</c>.</summary>
    public string[]? Architectures { get; set; }

    /// <summary>Flags of the filter.</summary>
    public string[]? Flags { get; set; }

    /// <summary>The socket of an agent that decides, for <c>SCMP_ACT_NOTIFY</c>.</summary>
    public string? ListenerPath { get; set; }

    /// <summary>Data that is passed to that agent.</summary>
    public string? ListenerMetadata { get; set; }

    /// <summary>The rules.</summary>
    public CtrSpecSyscall[]? Syscalls { get; set; }

    /// <summary>Reads a profile from JSON.</summary>
    /// <param name="json">The JSON text, in the form that an OCI runtime spec has it.</param>
    /// <returns>The profile, with every unknown field kept.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidSpec</c>: the text is not such an object.</exception>
    public static CtrSpecSeccomp Parse(string json) => CtrSpecJson.Parse<CtrSpecSeccomp>(json);
}

/// <summary>The action for some system calls (OCI runtime spec, config-linux.md, Seccomp, syscalls).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrSpecSyscall : CtrSpecNode
{
    /// <summary>The calls' names.</summary>
    public string[] Names { get; set; } = [];

    /// <summary>The action, such as <c>SCMP_ACT_ALLOW</c>.</summary>
    public string Action { get; set; } = "";

    /// <summary>The error number that the call returns; null for EPERM.</summary>
    public uint? ErrnoRet { get; set; }

    /// <summary>Conditions on the arguments, all of which must hold; null for none.</summary>
    public CtrSpecSyscallArg[]? Args { get; set; }

    /// <summary>The rule.</summary>
    /// <returns>Action and names.</returns>
    public override string ToString() => $"{Action} {string.Join(' ', Names)}";
}

/// <summary>A condition on one argument of a system call (OCI runtime spec, config-linux.md, Seccomp, args).</summary>
public sealed class CtrSpecSyscallArg : CtrSpecNode
{
    /// <summary>Which argument, counted from 0.</summary>
    public uint Index { get; set; }

    /// <summary>The value to compare with; for <c>SCMP_CMP_MASKED_EQ</c> the mask.</summary>
    public ulong Value { get; set; }

    /// <summary>For <c>SCMP_CMP_MASKED_EQ</c>, the value to compare the masked argument with.</summary>
    public ulong? ValueTwo { get; set; }

    /// <summary>The comparison, such as <c>SCMP_CMP_EQ</c>.</summary>
    public string Op { get; set; } = "";
}
