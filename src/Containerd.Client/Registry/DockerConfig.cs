using System.Text;
using System.Text.Json;

namespace Containerd.Client;

/// <summary>The logins that 'docker login' keeps: in config.json itself, or with a helper that it names.</summary>
internal sealed class DockerConfig
{
    // What 'docker login' without a name has always written.
    private const string DockerKey = "https://index.docker.io/v1/";

    private readonly string _path;
    private readonly JsonElement _root;

    private DockerConfig(string path, JsonElement root) => (_path, _root) = (path, root);

    /// <summary>The login for a host; null when there is none.</summary>
    /// <param name="directory">The folder of config.json; null for the usual one.</param>
    /// <param name="host">The host, with its port.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CtrDataException">DockerConfigInvalid.</exception>
    /// <exception cref="CtrException">CredentialHelperFailed.</exception>
    public static async Task<RegistryCredential?> FindAsync(string? directory, string host, CancellationToken cancellationToken)
    {
        var config = Load(Path.Combine(directory ?? DefaultDirectory(), "config.json"));
        if (config is null) return null;
        var key = host is RegistryReference.DockerHost or RegistryReference.DockerDomain ? DockerKey : host;
        if (config.HelperFor(key) is { } helper && await CredentialHelper.GetAsync(helper, key, cancellationToken) is { } kept) return kept;
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
            if (!File.Exists(path)) return null;
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowTrailingCommas = true });
            return json.RootElement.ValueKind == JsonValueKind.Object ? new DockerConfig(path, json.RootElement.Clone()) : throw new JsonException("it is no object");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, e.Message, e);
        }
    }

    private string? HelperFor(string key)
    {
        // A helper for the host comes before the one for all.
        if (Section("credHelpers") is { } helpers)
        {
            foreach (var entry in helpers.EnumerateObject())
            {
                if (SameHost(entry.Name, key)) return Text(entry.Value);
            }
        }

        return _root.TryGetProperty("credsStore", out var all) ? Text(all) : null;
    }

    private RegistryCredential? Stored(string key)
    {
        if (Section("auths") is not { } auths) return null;
        foreach (var entry in auths.EnumerateObject().OrderByDescending(e => e.Name == key))
        {
            if (SameHost(entry.Name, key) && entry.Value.ValueKind == JsonValueKind.Object && Read(entry.Name, entry.Value) is { } found) return found;
        }

        return null;
    }

    private RegistryCredential? Read(string name, JsonElement entry)
    {
        if (Property(entry, "identitytoken") is { } token) return RegistryCredential.Of(RegistryCredential.TokenUser, token);
        if (Property(entry, "username") is { } user && Property(entry, "password") is { } password) return RegistryCredential.Of(user, password);
        if (Property(entry, "auth") is not { } auth) return null;
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

    // Keys were addresses with a path once: https://registry.example.com/v1/ is registry.example.com.
    private static bool SameHost(string entry, string key) => entry == key || HostOf(entry) == HostOf(key);

    private static string HostOf(string key)
    {
        var start = key.IndexOf("://", StringComparison.Ordinal);
        var rest = start < 0 ? key : key[(start + 3)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? rest : rest[..slash];
        return host is RegistryReference.DockerDomain or RegistryReference.DockerHost ? "index.docker.io" : host;
    }

    private JsonElement? Section(string name) => _root.TryGetProperty(name, out var section) && section.ValueKind == JsonValueKind.Object ? section : null;

    private static string? Property(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? Text(value) : null;

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static CtrDataException Invalid(string path, string what, Exception cause) => new($"Docker's configuration '{path}' cannot be used: {what.TrimEnd('.')}.", cause)
    {
        ErrorId = "DockerConfigInvalid",
        Subject = path,
        Remedy = "Mend the file, log in anew with 'docker login', or give -Credential.",
    };
}
