using Tomlyn;
using Tomlyn.Model;

namespace Containerd.Oci.Registry;

/// <summary>
/// A hosts.toml file: the mirrors of a registry, and the connection settings for it and them (containerd's docs/hosts.md).
/// </summary>
internal sealed class HostsFile
{
    private readonly string _path;
    private readonly string _domain;

    private HostsFile(string path, string domain) => (_path, _domain) = (path, domain);

    /// <summary>Reads the hosts in a file, in the order in which they are tried.</summary>
    /// <param name="path">The file.</param>
    /// <param name="domain">The registry of the file.</param>
    /// <param name="fallback">The registry itself, if the file does not specify its address.</param>
    /// <exception cref="CtrDataException">HostsConfigInvalid.</exception>
    public static IReadOnlyList<RegistryHost> Read(string path, string domain, Func<RegistryHost, RegistryHost> fallback)
    {
        var file = new HostsFile(path, domain);
        TomlTable table;
        try
        {
            table = TomlSerializer.Deserialize<TomlTable>(File.ReadAllText(path)) ?? [];
        }
        catch (TomlException e)
        {
            throw file.Invalid(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw file.Invalid(e.Message, e);
        }

        var hosts = new List<RegistryHost>();
        if (file.Get<TomlTable>(table, "host", "a table") is { } mirrors)
        {
            foreach (var (address, value) in mirrors)
            {
                if (value is not TomlTable settings)
                    throw file.Invalid($"[host.\"{address}\"] is not a table");
                hosts.Add(file.Host(address, settings, own: false));
            }
        }

        var server = file.Get<string>(table, "server", "a text") ?? "";
        var last = file.Host(server, table, own: true);
        hosts.Add(server.Length > 0 ? last : fallback(last));
        return hosts;
    }

    private RegistryHost Host(string address, TomlTable settings, bool own)
    {
        var overridePath = Flag(settings, "override_path") ?? false;
        Uri? uri = null;
        if (address.Length > 0)
        {
            var full = address.Contains("://", StringComparison.Ordinal) ? address : "https://" + address;
            if (
                !Uri.TryCreate(full, UriKind.Absolute, out uri)
                || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
                || uri.UserInfo.Length > 0
            )
            {
                throw Invalid($"'{address}' is not the address of a host");
            }
        }

        var path = uri?.AbsolutePath.TrimEnd('/') ?? "/v2";
        if (uri is not null && !overridePath && !path.EndsWith("/v2", StringComparison.Ordinal))
            path += "/v2";
        return new RegistryHost
        {
            Name = uri?.Authority ?? _domain,
            Scheme = uri?.Scheme ?? Uri.UriSchemeHttps,
            Path = path,
            IsOwn = own,
            Capabilities = Capabilities(settings),
            SkipVerify = Flag(settings, "skip_verify") ?? false,
            CaFiles = [.. Texts(settings, "ca").Select(Absolute)],
            ClientFiles = ClientFiles(settings),
            Headers = Headers(settings),
            ConnectTimeout = Duration(settings, "dial_timeout"),
        };
    }

    private HostCapabilities Capabilities(TomlTable settings)
    {
        var words = Texts(settings, "capabilities");
        if (words.Count == 0)
            return HostCapabilities.All;
        var all = HostCapabilities.None;
        foreach (var word in words)
        {
            all |= word.ToLowerInvariant() switch
            {
                "pull" => HostCapabilities.Pull,
                "resolve" => HostCapabilities.Resolve,
                "push" => HostCapabilities.Push,
                "referrers" => HostCapabilities.None,
                _ => throw Invalid($"'{word}' is not a capability; the capabilities are pull, resolve, push and referrers"),
            };
        }

        return all;
    }

    // One file with certificate and key, several of them, or pairs of files.
    private List<(string Certificate, string? Key)> ClientFiles(TomlTable settings)
    {
        if (!settings.TryGetValue("client", out var value))
            return [];
        if (value is string single)
            return [(Absolute(single), null)];
        if (value is not TomlArray list)
            throw Invalid("'client' is neither a text nor a list");
        return
        [
            .. list.Select(item =>
                item switch
                {
                    string file => (Absolute(file), (string?)null),
                    TomlArray pair when pair.Count == 2 && pair[0] is string certificate && pair[1] is string key => (
                        Absolute(certificate),
                        key.Length > 0 ? Absolute(key) : null
                    ),
                    _ => throw Invalid("'client' holds neither files nor pairs of files"),
                }
            ),
        ];
    }

    private List<(string Name, string Value)> Headers(TomlTable settings)
    {
        var headers = new List<(string, string)>();
        foreach (var name in Get<TomlTable>(settings, "header", "a table")?.Keys ?? [])
            headers.AddRange(Texts((TomlTable)settings["header"], name).Select(value => (name, value)));
        return headers;
    }

    private List<string> Texts(TomlTable settings, string key)
    {
        if (!settings.TryGetValue(key, out var value))
            return [];
        return value switch
        {
            string text => [text],
            TomlArray list => [.. list.Select(item => item as string ?? throw Invalid($"'{key}' holds something else than texts"))],
            _ => throw Invalid($"'{key}' is neither a text nor a list of texts"),
        };
    }

    private TimeSpan? Duration(TomlTable settings, string key)
    {
        if (Get<string>(settings, key, "a text such as 5s") is not { Length: > 0 } text)
            return null;
        try
        {
            return CtrDuration.Parse(text).TimeSpan;
        }
        catch (CtrArgumentException e)
        {
            throw Invalid($"'{key}' is not a length of time", e);
        }
    }

    private bool? Flag(TomlTable settings, string key) =>
        !settings.TryGetValue(key, out var value) ? null
        : value is bool flag ? flag
        : throw Invalid($"'{key}' is neither true nor false");

    private T? Get<T>(TomlTable settings, string key, string form)
        where T : class => !settings.TryGetValue(key, out var value) ? null : value as T ?? throw Invalid($"'{key}' is not {form}");

    private string Absolute(string file) => Path.Combine(Path.GetDirectoryName(_path)!, file);

    private CtrDataException Invalid(string what, Exception? cause = null) =>
        new($"'{_path}' cannot be used: {what.TrimEnd('.')}.", cause)
        {
            ErrorId = ErrorIds.HostsConfigInvalid,
            Subject = _path,
            Remedy = "Correct the file, or use another folder of hosts.",
        };
}
