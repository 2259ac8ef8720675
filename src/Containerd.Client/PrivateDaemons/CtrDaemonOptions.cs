namespace Containerd.Client;

/// <summary>Options for starting a private containerd.</summary>
public sealed record CtrDaemonOptions
{
    /// <summary>Its name, unique on this machine; null for <c>private-</c> and a few random characters.</summary>
    public string? Name { get; set; }

    /// <summary>Its data folder, which is kept when it stops; null for a new temporary one, which is removed when it stops.</summary>
    public string? Path { get; set; }

    /// <summary>
    /// The containerd to run, as a path or a name; null for the first <c>containerd</c> in <see cref="SearchPath"/>, in PATH and in the
    /// usual folders.
    /// </summary>
    public string? ContainerdPath { get; set; }

    /// <summary>Folders that come first in the daemon's PATH, so that their runc, crun, criu or shim is used.</summary>
    public IReadOnlyList<string> SearchPath { get; set; } = [];

    /// <summary>Environment variables of the daemon, in addition to those of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; set; } = new Dictionary<string, string>();

    /// <summary>A containerd configuration file (TOML, version 2) that the daemon's own configuration imports; null for none.</summary>
    public string? ConfigPath { get; set; }

    /// <summary>Whether the daemon keeps running when this process exits.</summary>
    public bool Detached { get; set; }

    /// <summary>The time limit until the daemon answers.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);
}
