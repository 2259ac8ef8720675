namespace Containerd.Client;

/// <summary>How a private containerd is started.</summary>
public sealed record CtrDaemonOptions
{
    /// <summary>Its name, unique on this machine; null for <c>private-</c> and a few random characters.</summary>
    public string? Name { get; set; }

    /// <summary>Its data folder, kept when it stops; null for a fresh temporary one, removed when it stops.</summary>
    public string? Path { get; set; }

    /// <summary>
    /// The containerd to run, as a path or a name; null for the first <c>containerd</c> in <see cref="SearchPath"/>, in PATH and in the
    /// usual folders.
    /// </summary>
    public string? ContainerdPath { get; set; }

    /// <summary>Folders put first in the daemon's PATH, so that their runc, crun, criu or shim is used.</summary>
    public IReadOnlyList<string> SearchPath { get; set; } = [];

    /// <summary>Environment variables of the daemon, besides those of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; set; } = new Dictionary<string, string>();

    /// <summary>A containerd configuration file (TOML, version 2) that is imported into the daemon's own; null for none.</summary>
    public string? ConfigPath { get; set; }

    /// <summary>Whether the daemon goes on when this process ends.</summary>
    public bool Detached { get; set; }

    /// <summary>How long the daemon may take until it answers.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);
}
