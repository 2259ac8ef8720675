using System.Globalization;
using System.Text;
using Containerd.Client.Transport.Addresses;

namespace Containerd.Client;

/// <summary>
/// The address of a daemon: a Unix domain socket, a Windows named pipe, a Unix domain socket of a host that is reached over SSH, or an HTTP
/// proxy in front of one of them.
/// </summary>
public sealed record ContainerdAddress
{
    /// <summary>The limit for the path of a Unix domain socket (sockaddr_un.sun_path, without its terminating NUL).</summary>
    internal const int LongestSocketPath = 107;

    private const string DefaultSocket = "/run/containerd/containerd.sock";
    private const string Example = "Use an address such as unix:///run/containerd/containerd.sock.";
    private const string SshExample =
        "Use an address such as ssh://root@host, ssh://root@host:2222 or ssh://root@host/run/containerd/containerd.sock.";

    private ContainerdAddress(string scheme, string path)
    {
        Scheme = scheme;
        Path = path;
    }

    /// <summary><c>unix</c>, <c>npipe</c>, <c>ssh</c>, <c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; }

    /// <summary>The socket's path, on the other host for SSH, the pipe's name, or for HTTP the whole URI.</summary>
    public string Path { get; }

    /// <summary>The SSH host, by name, address, or alias in the user's ssh_config; null for other schemes.</summary>
    public string? Host { get; private init; }

    /// <summary>The user on that host; null for the default of ssh.</summary>
    public string? User { get; private init; }

    /// <summary>The port of the SSH server; null for the default of ssh.</summary>
    public int? Port { get; private init; }

    /// <summary>Whether the daemon runs on this machine, and shares files, FIFOs and mounts with it.</summary>
    public bool IsLocal => Scheme is "unix" or "npipe";

    /// <summary>Whether the daemon is reached through an SSH server.</summary>
    internal bool IsSsh => Scheme == "ssh";

    /// <summary>The default address of containerd.</summary>
    public static ContainerdAddress PlatformDefault =>
        OperatingSystem.IsWindows() ? new("npipe", "containerd-containerd") : new("unix", DefaultSocket);

    /// <summary>
    /// Existing addresses: that of the environment, and the sockets of containerd, k3s, Docker and a rootless daemon of this user at their
    /// usual paths.
    /// </summary>
    /// <returns>The addresses.</returns>
    public static IReadOnlyList<string> Known()
    {
        var known = new List<string>();
        if (EnvironmentVariable.Get("CONTAINERD_ADDRESS") is { } named)
            known.Add(named);
        if (OperatingSystem.IsWindows())
            return [.. known, PlatformDefault.ToString()];
        var own = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } directory ? directory : null;
        string?[] sockets =
        [
            DefaultSocket,
            "/run/k3s/containerd/containerd.sock",
            "/run/docker/containerd/containerd.sock",
            own is null ? null : System.IO.Path.Combine(own, "containerd", "containerd.sock"),
        ];
        known.AddRange(sockets.OfType<string>().Where(File.Exists).Select(socket => new ContainerdAddress("unix", socket).ToString()));
        return [.. known.Distinct()];
    }

    /// <summary>
    /// Parses an address: <c>unix:///path</c>, a plain absolute path, <c>npipe:////./pipe/name</c>, <c>ssh://[user@]host[:port][/path]</c>,
    /// <c>http://…</c> or <c>https://…</c>.
    /// </summary>
    /// <param name="text">The address as users write it.</param>
    /// <returns>The address.</returns>
    /// <exception cref="CtrArgumentException">The text is not an address (InvalidAddress).</exception>
    public static ContainerdAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith('/'))
            return Unix(text, text);
        if (text.StartsWith(@"\\.\pipe\", StringComparison.OrdinalIgnoreCase))
            return new("npipe", text[9..]);
        var end = text.IndexOf("://", StringComparison.Ordinal);
        var rest = end < 0 ? "" : text[(end + 3)..];
        return (end < 0 ? "" : text[..end].ToLowerInvariant()) switch
        {
            "unix" => Unix(rest, text),
            "npipe" when rest.StartsWith("//./pipe/", StringComparison.OrdinalIgnoreCase) && rest.Length > 9 => new(
                "npipe",
                rest[9..].Replace('/', '\\')
            ),
            "ssh" => ParseSsh(rest, text),
            "http" or "https" when Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 => new(
                uri.Scheme,
                uri.ToString()
            ),
            _ => throw Invalid(
                text,
                "it is neither a socket's absolute path nor a unix://, npipe://, ssh://, http:// or https:// address",
                Example
            ),
        };
    }

    /// <summary>Creates the address of a daemon on another host from its parts.</summary>
    /// <param name="host">The host, optionally as <c>user@host:port</c>; an IPv6 address requires brackets only if a port follows.</param>
    /// <param name="user">The user; null for the one in <paramref name="host"/>, or the default of ssh.</param>
    /// <param name="port">The SSH server's port; null for the one in <paramref name="host"/>, or the default of ssh.</param>
    /// <param name="socket">The daemon's socket on that host, as a path or a unix:// address; null for containerd's default socket.</param>
    /// <returns>The address.</returns>
    /// <exception cref="CtrArgumentException">A part of it is invalid, or is specified twice (InvalidAddress).</exception>
    public static ContainerdAddress Ssh(string host, string? user = null, int? port = null, string? socket = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        var (namedUser, name, namedPort) = ParseAuthority(host, host, bareIPv6: true);
        if ((user is not null && namedUser is not null) || (port is not null && namedPort is not null))
            throw Invalid(
                host,
                $"its {(user is not null && namedUser is not null ? "user" : "port")} is named twice",
                "Specify the user and the port either in the host or separately, not both."
            );
        var path =
            socket is null ? DefaultSocket
            : Parse(socket) is { Scheme: "unix", Path: var given } ? given
            : throw Invalid(socket, "on another host the daemon has a unix socket", Example);
        return Ssh(name, user ?? namedUser, port ?? namedPort, path, host);
    }

    private static ContainerdAddress ParseSsh(string rest, string text)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (user, host, port) = ParseAuthority(slash < 0 ? rest : rest[..slash], text, bareIPv6: false);
        var path = slash < 0 ? "/" : rest[slash..];
        return Ssh(host, user, port, path == "/" ? DefaultSocket : path, text);
    }

    private static (string? User, string Host, int? Port) ParseAuthority(string authority, string text, bool bareIPv6)
    {
        var at = authority.LastIndexOf('@');
        var user = at < 0 ? null : authority[..at];
        var host = authority[(at + 1)..];
        var port = "";
        if (host.StartsWith('['))
        {
            var end = host.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || !host[..end].Contains(':', StringComparison.Ordinal) || (end + 1 < host.Length && host[end + 1] != ':'))
                throw Invalid(text, "in brackets stands an IPv6 address, and behind them at most a port", SshExample);
            (host, port) = (host[1..end], host[(end + 1)..]);
        }
        else if (host.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon)
        {
            if (host.LastIndexOf(':') == colon)
                (host, port) = (host[..colon], host[colon..]);
            else if (!bareIPv6)
                throw Invalid(text, "an IPv6 address must be in brackets", "Write it as in ssh://root@[2001:db8::1]:22.");
        }

        int? number =
            port.Length == 0 ? null
            : int.TryParse(port.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed
            : throw Invalid(text, "its port is not a number", SshExample);
        return (user, host, number);
    }

    /// <summary>
    /// All parts become arguments of ssh's command line, and may be passed to a shell by a ProxyCommand: so they are limited to the
    /// characters of hosts, users and sockets.
    /// </summary>
    private static ContainerdAddress Ssh(string host, string? user, int? port, string socket, string text)
    {
        if (host.Length == 0)
            throw Invalid(text, "it names no host", SshExample);
        if (
            host[0] is '-' or '.'
            || !(host.Contains(':', StringComparison.Ordinal) ? IsIPv6(host) : host.All(c => IsPlain(c) || c is '.' or '-' or '_'))
        )
            throw Invalid(text, $"'{host}' is not a host name or address", SshExample);
        if (
            user is not null
            && (
                user.Length == 0
                || user[0] == '-'
                || user[^1] == '\\'
                || !user.All(c => IsPlain(c) || c is '.' or '-' or '_' or '+' or '@' or '\\')
            )
        )
            throw Invalid(text, $"'{user}' is not a user name", SshExample);
        if (port is < 1 or > 65535)
            throw Invalid(text, "a port is a number from 1 to 65535", SshExample);
        // ssh interprets a colon as the end of the path, and expands % and $.
        if (
            !socket.StartsWith('/')
            || socket.EndsWith('/')
            || !socket.All(c => IsPlain(c) || c is '/' or '.' or '-' or '_' or '+' or '@' or '=' or ',' or '~')
        )
            throw Invalid(
                text,
                $"'{socket}' is not a socket path that ssh can forward: use an absolute path of letters, digits and . - _ + @ = , ~",
                SshExample
            );
        if (socket.Length > LongestSocketPath)
            throw Invalid(text, $"a socket's path has at most {LongestSocketPath} bytes", SshExample);
        return new("ssh", socket)
        {
            Host = host,
            User = user,
            Port = port,
        };
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c);

    private static bool IsIPv6(string host)
    {
        var zone = host.IndexOf('%', StringComparison.Ordinal);
        return (zone < 0 || (zone + 1 < host.Length && host[(zone + 1)..].All(c => IsPlain(c) || c is '.' or '-' or '_')))
            && System.Net.IPAddress.TryParse(zone < 0 ? host : host[..zone], out var parsed)
            && parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
    }

    private static ContainerdAddress Unix(string path, string text)
    {
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
            throw Invalid(text, "a socket's path is absolute, as in unix:///run/containerd/containerd.sock", Example);
        if (Encoding.UTF8.GetByteCount(path) > LongestSocketPath)
            throw Invalid(text, $"a socket's path has at most {LongestSocketPath} bytes", Example);
        return new("unix", path);
    }

    private static CtrArgumentException Invalid(string text, string why, string remedy) =>
        new($"The address '{text}' cannot be used: {why}.")
        {
            ErrorId = ErrorIds.InvalidAddress,
            Subject = text,
            Remedy = remedy,
        };

    /// <summary>The address in the form that <see cref="Parse"/> accepts.</summary>
    /// <returns>The address.</returns>
    public override string ToString() =>
        Scheme switch
        {
            "unix" => "unix://" + Path,
            "npipe" => "npipe:////./pipe/" + Path.Replace('\\', '/'),
            "ssh" => string.Create(
                CultureInfo.InvariantCulture,
                $"ssh://{(User is null ? "" : User + "@")}{(Host!.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}"
                    + $"{(Port is null ? "" : ":")}{Port}{(Path == DefaultSocket ? "" : Path)}"
            ),
            _ => Path,
        };
}
