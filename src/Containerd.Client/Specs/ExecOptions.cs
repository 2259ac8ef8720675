namespace Containerd.Client;

/// <summary>
/// What a caller wants of a process that is added to a running container. What is null is as the container's own process has it.
/// </summary>
public sealed record ExecOptions
{
    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Environment variables on top of the container's, as <c>NAME=value</c>; <c>NAME</c> alone removes one.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The working directory, an absolute path in the container.</summary>
    public string? Cwd { get; init; }

    /// <summary>The user, in the forms of <see cref="SpecOptions.User"/>.</summary>
    public string? User { get; init; }

    /// <summary>Further groups, by name or number.</summary>
    public IReadOnlyList<string>? AdditionalGroups { get; init; }

    /// <summary>Whether it has a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>The terminal's size when it starts; null when that is told later.</summary>
    public CtrSpecBox? ConsoleSize { get; init; }

    /// <summary>Whether it has all capabilities and may gain privileges.</summary>
    public bool Privileged { get; init; }

    /// <summary>Capabilities on top of the container's; <c>ALL</c> for every one.</summary>
    public IReadOnlyList<string>? CapAdd { get; init; }

    /// <summary>Capabilities that are taken away; <c>ALL</c> for every one but those added.</summary>
    public IReadOnlyList<string>? CapDrop { get; init; }
}
