using System.Collections;

namespace Containerd;

/// <summary>
/// An OCI runtime spec: all data that a runtime needs to run a container (OCI runtime spec 1.2, config.md). A field that is not known here
/// is kept in <see cref="CtrSpecNode.Extra"/> and written back.
/// </summary>
[PipelineObject(
    nameof(OciVersion),
    nameof(Process),
    nameof(Root),
    nameof(Hostname),
    nameof(Domainname),
    nameof(Mounts),
    nameof(Hooks),
    nameof(Annotations),
    nameof(Linux),
    Key = new[] { nameof(Process) },
    Word = nameof(Hostname),
    Depth = 8
)]
public sealed class CtrSpec : CtrSpecNode
{
    /// <summary>The version of the OCI runtime spec that this follows, such as <c>1.0.2</c> (config.md, Specification version).</summary>
    public string OciVersion { get; set; } = "1.0.2";

    /// <summary>The container's process; null only in a spec that is not meant to be started (config.md, Process).</summary>
    public CtrSpecProcess? Process { get; set; }

    /// <summary>The container's root filesystem (config.md, Root).</summary>
    public CtrSpecRoot? Root { get; set; }

    /// <summary>The host name in the container; it requires a UTS namespace (config.md, Hostname).</summary>
    public string? Hostname { get; set; }

    /// <summary>The NIS domain name in the container (config.md, Domainname).</summary>
    public string? Domainname { get; set; }

    /// <summary>The mounts on top of the root filesystem, in order (config.md, Mounts).</summary>
    public CtrSpecMount[]? Mounts { get; set; }

    /// <summary>Commands that the runtime runs at points of the container's life (config.md, POSIX-platform Hooks).</summary>
    public CtrSpecHooks? Hooks { get; set; }

    /// <summary>Free metadata, to which some runtimes assign a meaning (config.md, Annotations).</summary>
    public CtrMap? Annotations { get; set; }

    /// <summary>The settings for Linux containers only (config-linux.md).</summary>
    public CtrSpecLinux? Linux { get; set; }

    /// <summary>Reads a spec from JSON.</summary>
    /// <param name="json">The text of a <c>config.json</c>.</param>
    /// <returns>The spec, with every unknown field kept.</returns>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidSpec</c>: the text is not JSON, not an object, or a field has the wrong type; the message names line and position.
    /// </exception>
    public static CtrSpec Parse(string json) => CtrSpecJson.Parse<CtrSpec>(json);

    /// <summary>
    /// Creates a spec from nested dictionaries, such as PowerShell hashtables. Keys match the spec's names in any case, unknown keys are
    /// kept as they are, and one value will do where a list is asked for.
    /// </summary>
    /// <param name="values">Dictionaries, lists, strings, numbers, booleans and spec objects, nested as the spec is.</param>
    /// <returns>The spec.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidSpec</c>: a value has the wrong type; the message names the field.</exception>
    public static CtrSpec FromDictionary(IDictionary values) => CtrSpecJson.FromDictionary<CtrSpec>(values);

    /// <summary>Creates a deep copy.</summary>
    /// <returns>A spec that shares nothing with this one.</returns>
    public CtrSpec Clone() => CtrSpecJson.Clone(this);

    /// <summary>The command line that the spec starts.</summary>
    /// <returns>The process's arguments, joined by spaces; the spec's version where there are none.</returns>
    public override string ToString() =>
        Process?.Args is { Length: > 0 } args ? string.Join(' ', args) : $"OCI runtime spec {OciVersion}".TrimEnd();
}
