using System.Globalization;

namespace Containerd.Client.Transport.Ssh;

/// <summary>The arguments of ssh that do not depend on what it does on the host.</summary>
internal static class SshArguments
{
    /// <summary>Whether a program of the user prompts for passwords.</summary>
    internal static bool Asks => Environment.GetEnvironmentVariable("SSH_ASKPASS") is { Length: > 0 };

    /// <summary>
    /// ssh uses the first value of an option: first those that a session requires, then those of the caller, then defaults; the user's
    /// files come last.
    /// </summary>
    internal static List<string> Login(ContainerdAddress address, SshOptions options, TimeSpan timeout)
    {
        List<string> words = ["-T"];
        void Set(string name, string value) => words.AddRange(["-o", $"{name}={value}"]);
        // A separate connection, which ends with the session.
        Set("ControlMaster", "no");
        Set("ControlPath", "none");
        Set("PermitLocalCommand", "no");
        // Forwards in the user's files are not used: one whose port is occupied by another ssh of the user must not stop this one.
        Set("ExitOnForwardFailure", "no");
        foreach (var (name, value) in options.Options)
            Set(name, value);
        // No user can answer a prompt.
        if (!Asks)
            Set("BatchMode", "yes");
        // A host that becomes unreachable is detected within a quarter of a minute.
        Set("ServerAliveInterval", "5");
        Set("ServerAliveCountMax", "3");
        Set("ConnectTimeout", Math.Max(1, (long)Math.Ceiling(Math.Min(timeout.TotalSeconds, 3600))).ToString(CultureInfo.InvariantCulture));
        Set("LogLevel", "INFO");
        // ssh expands text after a %.
        if (options.KeyFilePath is { } key)
            words.AddRange(["-i", key.Replace("%", "%%", StringComparison.Ordinal)]);
        if (address.Port is { } port)
            words.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        if (address.User is { } user)
            words.AddRange(["-l", user]);
        return words;
    }
}
