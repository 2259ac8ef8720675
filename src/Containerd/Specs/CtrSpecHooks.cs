namespace Containerd;

/// <summary>
/// Commands that the runtime runs on the host or in the container at points of the container's life (OCI runtime spec, config.md,
/// POSIX-platform Hooks).
/// </summary>
[PipelineObject(Depth = 6)]
public sealed class CtrSpecHooks : CtrSpecNode
{
    /// <summary>On the host, after the namespaces are created; deprecated in favor of the three that follow.</summary>
    public CtrSpecHook[]? Prestart { get; set; }

    /// <summary>On the host, before the root is changed.</summary>
    public CtrSpecHook[]? CreateRuntime { get; set; }

    /// <summary>In the container's namespaces, before the root is changed.</summary>
    public CtrSpecHook[]? CreateContainer { get; set; }

    /// <summary>In the container, before its process starts.</summary>
    public CtrSpecHook[]? StartContainer { get; set; }

    /// <summary>On the host, after the process has started.</summary>
    public CtrSpecHook[]? Poststart { get; set; }

    /// <summary>On the host, after the container is deleted.</summary>
    public CtrSpecHook[]? Poststop { get; set; }
}

/// <summary>One command of a <see cref="CtrSpecHooks"/> list; it gets the container's state as JSON on its standard input.</summary>
public sealed class CtrSpecHook : CtrSpecNode
{
    /// <summary>The program, an absolute path.</summary>
    public string Path { get; set; } = "";

    /// <summary>The arguments, the first of which is the program's name.</summary>
    public string[]? Args { get; set; }

    /// <summary>The environment, each entry as <c>NAME=value</c>.</summary>
    public string[]? Env { get; set; }

    /// <summary>The time in seconds after which it is stopped; null for no limit.</summary>
    public int? Timeout { get; set; }

    /// <summary>The hook.</summary>
    /// <returns>Its program.</returns>
    public override string ToString() => Path;
}
