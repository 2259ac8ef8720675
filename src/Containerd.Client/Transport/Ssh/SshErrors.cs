using System.Text.RegularExpressions;

namespace Containerd.Client.Transport.Ssh;

/// <summary>The errors of ssh, determined from its messages: the only code that knows them (OpenSSH 8 to 10).</summary>
internal static partial class SshErrors
{
    /// <summary>The start of ssh's message about a socket on the other host that could not be opened.</summary>
    private const string Refused = "open failed: ";

    /// <summary>The error for a tunnel that failed or ended.</summary>
    /// <param name="address">The destination.</param>
    /// <param name="said">The standard error of ssh.</param>
    internal static CtrException Explain(ContainerdAddress address, IReadOnlyList<string> said)
    {
        var reason = said.LastOrDefault(line => line.Length > 0) ?? "it exited without a message";
        string? Line(params string[] words) =>
            said.LastOrDefault(line => Array.Exists(words, word => line.Contains(word, StringComparison.OrdinalIgnoreCase)));

        if (Line("REMOTE HOST IDENTIFICATION HAS CHANGED") is not null)
        {
            return new CtrConnectionException(
                $"The key of the SSH host '{address.Host}' has changed: the connection may be intercepted, or the host was reinstalled."
            )
            {
                ErrorId = ErrorIds.SshHostKeyChanged,
                Subject = address.ToString(),
                Remedy =
                    "Ask the administrator of the host. If its new key is correct, remove the old key: ssh-keygen -R "
                    + $"'{KnownName(address)}'",
            };
        }

        if (Line("Host key verification failed", "host key is known for") is not null)
        {
            return new CtrConnectionException(
                $"The SSH host '{address.Host}' has a key that this user has never accepted ({Line("host key is known for") ?? reason})."
            )
            {
                ErrorId = ErrorIds.SshHostKeyUnknown,
                Subject = address.ToString(),
                Remedy = $"Connect once by hand, compare the fingerprint, and accept it: {CommandLine(address)}",
            };
        }

        if (
            Line(
                "Permission denied (",
                "Too many authentication failures",
                "No supported authentication methods",
                "authentication methods available"
            ) is
            { } login
        )
        {
            var isUnprotected = Line("UNPROTECTED PRIVATE KEY", "bad permissions") is not null;
            return new CtrPermissionException(
                $"'{address.Host}' did not accept the login of {(address.User is { } user ? $"the user '{user}'" : "this user")} "
                    + $"over SSH: {login}"
            )
            {
                ErrorId = ErrorIds.SshLoginFailed,
                Subject = address.ToString(),
                RemedyId = isUnprotected ? null : "OtherKey",
                Remedy = isUnprotected
                    ? "Other users can read the private key, so ssh does not use it: change its mode with chmod 600."
                    : $"Make sure that this works without a prompt: {CommandLine(address)}. Add a key with a passphrase to the agent "
                        + "(ssh-add), or use another key file; only the program in SSH_ASKPASS can ask for passwords.",
            };
        }

        if (said.LastOrDefault(line => Options().IsMatch(line)) is { } bad)
            return InvalidOption(address.ToString(), $"ssh refuses its options: {bad.TrimEnd('.')}");
        if (Line(Refused) is { } refused)
            return Forward(address, refused);
        return Unreachable(address, reason);
    }

    /// <summary>The error for a host that does not answer.</summary>
    internal static CtrConnectionException Unreachable(ContainerdAddress address, string reason) =>
        new($"'{address.Host}' cannot be reached over SSH: {reason}")
        {
            ErrorId = ErrorIds.SshHostUnreachable,
            Subject = address.ToString(),
            Remedy =
                $"Check whether this works: {CommandLine(address)}. Use another port, or allow more time, if necessary; names and "
                + "jump hosts in ~/.ssh/config are used.",
        };

    /// <summary>The error for an SSH server that does not open the daemon's socket.</summary>
    /// <param name="address">The address.</param>
    /// <param name="line">The message of ssh.</param>
    internal static CtrConnectionException Forward(ContainerdAddress address, string line)
    {
        var reason = line[(line.IndexOf(Refused, StringComparison.Ordinal) + Refused.Length)..];
        // The server does not report the reason: a socket that it may not open is rejected in the same way as a missing one.
        return new CtrConnectionException(
            $"The SSH server on '{address.Host}' does not open the daemon's socket {address.Path} there ({reason})."
        )
        {
            ErrorId = ErrorIds.SshForwardFailed,
            Subject = address.ToString(),
            Remedy =
                $"Check on that host whether containerd is running and this user can use its socket: {CommandLine(address)} ls -l "
                + $"{address.Path}. If so, its sshd_config, or the key's options in authorized_keys, must allow "
                + "socket forwarding (AllowStreamLocalForwarding yes). For another socket, add its path to the address: ssh://HOST/PATH.",
        };
    }

    /// <summary>Whether a line reports that the server did not open a socket.</summary>
    internal static bool TellsRefusal(string line) =>
        line.StartsWith("channel ", StringComparison.Ordinal) && line.Contains(Refused, StringComparison.Ordinal);

    internal static CtrArgumentException InvalidOption(string subject, string why) =>
        new($"{why}.")
        {
            ErrorId = ErrorIds.InvalidSshOption,
            Subject = subject,
            Remedy = "Use the names of options in ssh_config(5), such as StrictHostKeyChecking.",
        };

    internal static CtrConnectionException NoProgram(ContainerdAddress address) =>
        new("The ssh program, which sessions over SSH require, is not installed on this machine.")
        {
            ErrorId = ErrorIds.SshNotFound,
            Subject = address.ToString(),
            Remedy = "Install the OpenSSH client (Debian: apt-get install openssh-client), or make sure that it is in a folder of PATH.",
        };

    /// <summary>The command that a user can try manually.</summary>
    private static string CommandLine(ContainerdAddress address) =>
        $"ssh {(address.Port is { } port ? $"-p {port} " : "")}{(address.User is { } user ? user + "@" : "")}{address.Host}";

    private static string KnownName(ContainerdAddress address) =>
        address.Port is { } port and not 22 ? $"[{address.Host}]:{port}" : address.Host!;

    // In the command line, or in a file of the user.
    [GeneratedRegex("^command-line|^\\S+ line [0-9]+: |bad configuration option|^Bad owner or permissions on ", RegexOptions.IgnoreCase)]
    private static partial Regex Options();
}
