using Containerd.Client.Transport.Ssh;

namespace Containerd.Client;

/// <summary>Options for ssh in addition to the destination; the user's own ssh_config, keys and agent are also used.</summary>
public sealed record SshOptions
{
    /// <summary>The file of a private key; null for the keys that ssh finds.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>
    /// Additional options by their names in ssh_config(5), each with one or more values; options that the tunnel requires cannot be
    /// changed.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Options { get; init; } = [];

    /// <summary>Rejects invalid options.</summary>
    /// <exception cref="CtrArgumentException">A name or value that cannot be one (InvalidSshOption).</exception>
    internal void Require()
    {
        foreach (var (name, value) in Options)
        {
            if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit) || value.Any(char.IsControl))
                throw SshErrors.InvalidOption(name, $"'{name}' with the value '{value}' is not an option of ssh");
        }
    }
}
