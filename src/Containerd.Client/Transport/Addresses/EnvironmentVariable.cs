namespace Containerd.Client.Transport.Addresses;

/// <summary>Reads environment variables for defaults.</summary>
internal static class EnvironmentVariable
{
    /// <summary>The value of a variable; null if it is not set or empty.</summary>
    internal static string? Get(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
