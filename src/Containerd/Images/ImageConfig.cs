namespace Containerd;

/// <summary>What an image says about the containers made from it: its OCI (or Docker) image config for one platform.</summary>
public sealed class ImageConfig
{
    /// <summary>The operating system, such as <c>linux</c>; empty when the config does not say.</summary>
    public string OperatingSystem { get; set; } = "";

    /// <summary>The architecture in Go's words, such as <c>amd64</c>; empty when the config does not say.</summary>
    public string Architecture { get; set; } = "";

    /// <summary>The architecture's variant, such as <c>v7</c>; empty for none.</summary>
    public string Variant { get; set; } = "";

    /// <summary>When the image was made, local time; null when the config does not say.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>Who made it; empty when the config does not say.</summary>
    public string Author { get; set; } = "";

    /// <summary>The command line's first words; empty for none.</summary>
    public string[] Entrypoint { get; set; } = [];

    /// <summary>The command line's further words, which a caller's own command replaces; empty for none.</summary>
    public string[] Cmd { get; set; } = [];

    /// <summary>The environment, as <c>NAME=value</c>.</summary>
    public string[] Env { get; set; } = [];

    /// <summary>The working directory; empty means <c>/</c>.</summary>
    public string WorkingDir { get; set; } = "";

    /// <summary>The user, as <c>name</c>, <c>uid</c>, <c>user:group</c>; empty means root.</summary>
    public string User { get; set; } = "";

    /// <summary>The signal that asks it to stop, such as <c>SIGQUIT</c>; empty means SIGTERM.</summary>
    public string StopSignal { get; set; } = "";

    /// <summary>The labels that the image's author wrote.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The ports that it listens on, such as <c>80/tcp</c>.</summary>
    public string[] ExposedPorts { get; set; } = [];

    /// <summary>The directories that it wants kept outside of its root file system.</summary>
    public string[] Volumes { get; set; } = [];

    /// <summary>The digests of its uncompressed layers, the lowest first.</summary>
    public string[] DiffIds { get; set; } = [];
}
