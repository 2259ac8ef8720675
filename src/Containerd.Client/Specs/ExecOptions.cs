namespace Containerd.Client;

/// <summary>Options for a process that is added to a running container. Null means the value of the container's own process.</summary>
public sealed record ExecOptions
{
    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Environment variables in addition to those of the container, as <c>NAME=value</c>; <c>NAME</c> alone removes one.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The working directory, an absolute path in the container.</summary>
    public string? Cwd { get; init; }

    /// <summary>The user, in the forms of <see cref="SpecOptions.User"/>.</summary>
    public string? User { get; init; }

    /// <summary>Supplementary groups, by name or number.</summary>
    public IReadOnlyList<string>? AdditionalGroups { get; init; }

    /// <summary>Whether it has a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>The initial size of the terminal; null if it is set later.</summary>
    public CtrSpecBox? ConsoleSize { get; init; }

    /// <summary>Whether it has all capabilities and may gain privileges.</summary>
    public bool Privileged { get; init; }

    /// <summary>Capabilities in addition to those of the container; <c>ALL</c> for all.</summary>
    public IReadOnlyList<string>? CapAdd { get; init; }

    /// <summary>Capabilities to remove; <c>ALL</c> for all except the added ones.</summary>
    public IReadOnlyList<string>? CapDrop { get; init; }
}
