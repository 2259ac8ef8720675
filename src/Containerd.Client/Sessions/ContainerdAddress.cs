using System.Text;

namespace Containerd.Client;

/// <summary>Where a daemon listens: a unix socket, a Windows named pipe, or an HTTP proxy in front of one of them.</summary>
public sealed record ContainerdAddress
{
    /// <summary>What a unix socket's address may hold (sockaddr_un.sun_path, less its closing NUL).</summary>
    private const int LongestSocketPath = 107;

    private ContainerdAddress(string scheme, string path)
    {
        Scheme = scheme;
        Path = path;
    }

    /// <summary><c>unix</c>, <c>npipe</c>, <c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; }

    /// <summary>The socket's path, the pipe's name, or for HTTP the whole URI.</summary>
    public string Path { get; }

    /// <summary>Whether the daemon shares this machine: its files, FIFOs and mounts are ours too.</summary>
    public bool IsLocal => Scheme is "unix" or "npipe";

    /// <summary>The address that containerd listens on where nobody says otherwise.</summary>
    public static ContainerdAddress PlatformDefault => OperatingSystem.IsWindows()
        ? new("npipe", "containerd-containerd")
        : new("unix", "/run/containerd/containerd.sock");

    /// <summary>Reads an address: <c>unix:///path</c>, a plain absolute path, <c>npipe:////./pipe/name</c>, <c>http://…</c> or <c>https://…</c>.</summary>
    /// <param name="text">The address as a person writes it.</param>
    /// <returns>The address.</returns>
    /// <exception cref="CtrArgumentException">The text is none of these (InvalidAddress).</exception>
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
            "npipe" when rest.StartsWith("//./pipe/", StringComparison.OrdinalIgnoreCase) && rest.Length > 9 => new("npipe", rest[9..].Replace('/', '\\')),
            "http" or "https" when Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 => new(uri.Scheme, uri.ToString()),
            _ => throw Invalid(text, "it is neither a socket's absolute path nor a unix://, npipe://, http:// or https:// address"),
        };
    }

    private static ContainerdAddress Unix(string path, string text)
    {
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
            throw Invalid(text, "a socket's path is absolute, as in unix:///run/containerd/containerd.sock");
        if (Encoding.UTF8.GetByteCount(path) > LongestSocketPath)
            throw Invalid(text, $"a socket's path has at most {LongestSocketPath} bytes");
        return new("unix", path);
    }

    private static CtrArgumentException Invalid(string text, string why) => new($"The address '{text}' cannot be used: {why}.")
    {
        ErrorId = "InvalidAddress",
        Subject = text,
        Remedy = "Give an address such as unix:///run/containerd/containerd.sock.",
    };

    /// <summary>The address in the form that <see cref="Parse"/> takes.</summary>
    /// <returns>The address.</returns>
    public override string ToString() => Scheme switch
    {
        "unix" => "unix://" + Path,
        "npipe" => "npipe:////./pipe/" + Path.Replace('\\', '/'),
        _ => Path,
    };
}
