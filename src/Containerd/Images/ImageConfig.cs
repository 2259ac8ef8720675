namespace Containerd;

/// <summary>The configuration of an image for its containers: its OCI (or Docker) image config for one platform.</summary>
public sealed class ImageConfig
{
    /// <summary>The operating system, such as <c>linux</c>; empty if the config does not contain it.</summary>
    public string OperatingSystem { get; set; } = "";

    /// <summary>The architecture by its name in Go, such as <c>amd64</c>; empty if the config does not contain it.</summary>
    public string Architecture { get; set; } = "";

    /// <summary>The architecture's variant, such as <c>v7</c>; empty for none.</summary>
    public string Variant { get; set; } = "";

    /// <summary>The time at which the image was created, in local time; null if the config does not contain it.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>The author; empty if the config does not contain it.</summary>
    public string Author { get; set; } = "";

    /// <summary>The first arguments of the command line; empty for none.</summary>
    public string[] Entrypoint { get; set; } = [];

    /// <summary>The remaining arguments of the command line, which a caller's own command replaces; empty for none.</summary>
    public string[] Cmd { get; set; } = [];

    /// <summary>The environment, as <c>NAME=value</c>.</summary>
    public string[] Env { get; set; } = [];

    /// <summary>The working directory; empty means <c>/</c>.</summary>
    public string WorkingDir { get; set; } = "";

    /// <summary>The user, as <c>name</c>, <c>uid</c>, <c>user:group</c>; empty means root.</summary>
    public string User { get; set; } = "";

    /// <summary>The signal that requests the container to stop, such as <c>SIGQUIT</c>; empty means SIGTERM.</summary>
    public string StopSignal { get; set; } = "";

    /// <summary>The labels that the author of the image wrote.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The ports that it listens on, such as <c>80/tcp</c>.</summary>
    public string[] ExposedPorts { get; set; } = [];

    /// <summary>The directories that should be stored outside of the root file system.</summary>
    public string[] Volumes { get; set; } = [];

    /// <summary>The digests of the uncompressed layers, the lowest first.</summary>
    public string[] DiffIds { get; set; } = [];
}
