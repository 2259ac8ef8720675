using System.Net;
using System.Text;
using System.Text.Json;
using Containerd.Oci.Images;

namespace Containerd.Oci.Registry;

/// <summary>
/// The credentials that 'docker login' stores: in config.json itself, or with a helper that it names. The file is parsed as leniently as
/// Docker parses it: it may be empty, property names are case-insensitive, null means missing, and text after the first JSON value is
/// ignored.
/// </summary>
internal sealed class DockerConfig
{
    // The key that 'docker login' without a name writes.
    private const string DockerKey = "https://index.docker.io/v1/";

    private readonly string _path;
    private readonly JsonElement _root;

    private DockerConfig(string path, JsonElement root) => (_path, _root) = (path, root);

    /// <summary>Reads the credentials for a host; null if there are none.</summary>
    /// <param name="directory">The folder of config.json; null for the default folder.</param>
    /// <param name="host">The host, with its port.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrDataException">DockerConfigInvalid.</exception>
    /// <exception cref="CtrException">CredentialHelperFailed.</exception>
    public static async Task<RegistryCredential?> FindAsync(string? directory, string host, CancellationToken cancellationToken)
    {
        var config = Load(Path.Combine(directory ?? DefaultDirectory(), "config.json"));
        if (config is null)
            return null;
        var key = host is RegistryReference.DockerHost or RegistryReference.DockerDomain ? DockerKey : host;
        if (
            config.HelperFor(key) is { } helper
            && await CredentialHelper.GetAsync(helper, key, cancellationToken).ConfigureAwait(false) is { } kept
        )
            return kept;
        return config.Stored(key);
    }

    private static string DefaultDirectory() =>
        Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");

    private static DockerConfig? Load(string path)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            var text = Text(File.ReadAllBytes(path));
            if (string.IsNullOrWhiteSpace(text))
                return null;
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { AllowTrailingCommas = true });
            using var json = JsonDocument.ParseValue(ref reader);
            return json.RootElement.ValueKind switch
            {
                JsonValueKind.Object => new DockerConfig(path, json.RootElement.Clone()),
                JsonValueKind.Null => null,
                _ => throw new JsonException("it is not a JSON object"),
            };
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, e.Message, e);
        }
    }

    // Windows PowerShell writes byte order marks for UTF-8 and UTF-16.
    private static string Text(byte[] bytes)
    {
        using var reader = new StreamReader(new MemoryStream(bytes), Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    private string? HelperFor(string key)
    {
        // A helper for the host takes precedence over the global one.
        if (Section("credHelpers") is { } helpers)
        {
            foreach (var entry in helpers.EnumerateObject())
            {
                if (SameHost(entry.Name, key))
                    return Text(entry.Value);
            }
        }

        return Property(_root, "credsStore");
    }

    private RegistryCredential? Stored(string key)
    {
        if (Section("auths") is not { } auths)
            return null;
        // If several entries have the same name, the last one is used, as in all JSON parsers.
        foreach (var entry in auths.EnumerateObject().Reverse().OrderByDescending(e => e.Name == key))
        {
            if (SameHost(entry.Name, key) && entry.Value.ValueKind == JsonValueKind.Object && Read(entry.Name, entry.Value) is { } found)
                return found;
        }

        return null;
    }

    private RegistryCredential? Read(string name, JsonElement entry)
    {
        if (Property(entry, "identitytoken") is { } token)
            return RegistryCredential.Of(RegistryCredential.TokenUser, token);
        if (Property(entry, "username") is { } user && Property(entry, "password") is { } password)
            return RegistryCredential.Of(user, password);
        if (Property(entry, "auth") is not { } auth)
            return null;
        try
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(auth)).TrimEnd('\0');
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 ? RegistryCredential.Of(pair[..colon], pair[(colon + 1)..]) : throw new FormatException();
        }
        catch (FormatException e)
        {
            throw Invalid(_path, $"the 'auth' of '{name}' is not user:password in base64", e);
        }
    }

    // Old keys are addresses with a path: https://registry.example.com/v1/ is registry.example.com.
    private static bool SameHost(string entry, string key) => entry == key || HostOf(entry) == HostOf(key);

    private static string HostOf(string key)
    {
        var start = key.IndexOf("://", StringComparison.Ordinal);
        var rest = start < 0 ? key : key[(start + 3)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? rest : rest[..slash];
        return host is RegistryReference.DockerDomain or RegistryReference.DockerHost ? "index.docker.io" : OneSpelling(host);
    }

    // An IPv6 address has many spellings, and Docker's keys contain it with and without brackets.
    private static string OneSpelling(string host)
    {
        if (host.Count(c => c == ':') < 2)
            return host;
        var (name, port) = RegistryReference.SplitPort(host);
        if (host[0] != '[')
            (name, port) = (host, "");
        return IPAddress.TryParse(name.Trim('[', ']'), out var address) ? $"[{address}]{(port.Length > 0 ? ":" + port : "")}" : host;
    }

    private JsonElement? Section(string name) => Find(_root, name) is { ValueKind: JsonValueKind.Object } section ? section : null;

    private static string? Property(JsonElement entry, string name) => Find(entry, name) is { } value ? Text(value) : null;

    private static JsonElement? Find(JsonElement entry, string name)
    {
        JsonElement? found = null;
        foreach (var property in entry.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                found = property.Value;
        }

        return found;
    }

    private static string? Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static CtrDataException Invalid(string path, string what, Exception cause) =>
        new($"Docker's configuration '{path}' cannot be used: {what.TrimEnd('.')}.", cause)
        {
            ErrorId = ErrorIds.DockerConfigInvalid,
            Subject = path,
            RemedyId = "Credentials",
            Remedy = "Correct the file, log in again with 'docker login', or provide the credentials directly.",
        };
}
