using Containerd.Client.Transport.Ssh;

namespace Containerd.Client;

/// <summary>What ssh is told beside where to go; the user's own ssh_config, keys and agent count as well.</summary>
public sealed record SshOptions
{
    /// <summary>A private key's file; null for the keys that ssh itself finds.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>
    /// Further options by their names in ssh_config(5), each with one value or several; those that a tunnel is made of cannot be changed.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Options { get; init; } = [];

    /// <summary>Refuses what is no option.</summary>
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
