namespace Containerd.Client.Specs;

/// <summary>What an image says about the containers made from it (OCI image spec, config.md, the <c>config</c> object).</summary>
public sealed class ImageDefaults
{
    /// <summary>The program that every command is an argument of.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>The command, or the entrypoint's arguments.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>Environment variables as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The working directory.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>The user, in the forms of <see cref="SpecOptions.User"/>.</summary>
    public string? User { get; init; }

    /// <summary>The signal that asks it to end; it goes to the container's label, not into the spec.</summary>
    public string? StopSignal { get; init; }
}
