using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Containerd.Host.Files;
using Containerd.Oci.Images;

namespace Containerd.Oci.Registry;

/// <summary>
/// Changes Docker's config.json. All fields other than credentials, and the order of all fields, are kept. The file is replaced atomically,
/// and only its owner can read it.
/// </summary>
internal sealed class DockerConfigFile
{
    // 'docker login' without a name uses this key.
    private const string DockerKey = "https://index.docker.io/v1/";

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true };

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // Two concurrent changes in one process must not lose an entry. Between processes the last one wins, as with Docker.
    private static readonly SemaphoreSlim Gate = new(1);

    private readonly JsonObject _root;

    private DockerConfigFile(string path, JsonObject root) => (Path, _root) = (path, root);

    public string Path { get; }

    /// <summary>The folder of config.json: <c>$DOCKER_CONFIG</c>, else <c>~/.docker</c>.</summary>
    public static string DefaultDirectory() =>
        Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } given
            ? given
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");

    /// <summary>The key of a registry's credentials, as Docker writes it.</summary>
    public static string KeyOf(string registry) => registry is RegistryReference.DockerDomain ? DockerKey : registry;

    /// <summary>The registry that a key belongs to: keys may be addresses with a path.</summary>
    public static string RegistryOf(string key)
    {
        var start = key.IndexOf("://", StringComparison.Ordinal);
        var host = (start < 0 ? key : key[(start + 3)..]).Split('/')[0];
        return host is "index.docker.io" or RegistryReference.DockerHost ? RegistryReference.DockerDomain : host;
    }

    /// <summary>Reads the file; a file that does not exist or is empty has no fields.</summary>
    /// <exception cref="CtrDataException">DockerConfigInvalid.</exception>
    public static DockerConfigFile Load(string? directory)
    {
        var path = System.IO.Path.Combine(directory ?? DefaultDirectory(), "config.json");
        try
        {
            var text = File.Exists(path) ? File.ReadAllText(path, new UTF8Encoding(false)) : "";
            var root = string.IsNullOrWhiteSpace(text)
                ? new JsonObject()
                : JsonNode.Parse(text, new JsonNodeOptions { PropertyNameCaseInsensitive = true }, Lenient) as JsonObject;
            // Duplicate fields are detected only when the object is read.
            return root is null || root.Count < 0 ? throw new JsonException("it is not a JSON object") : new DockerConfigFile(path, root);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new CtrDataException($"Docker's configuration '{path}' cannot be used: {e.Message.TrimEnd('.')}.", e)
            {
                ErrorId = ErrorIds.DockerConfigInvalid,
                Subject = path,
                Remedy = "Correct the file, or remove it and save the credentials again.",
            };
        }
    }

    /// <summary>Changes the file under a lock of this process.</summary>
    /// <exception cref="CtrDataException">DockerConfigInvalid.</exception>
    /// <exception cref="CtrException">FileNotWritable.</exception>
    public static async Task ChangeAsync(string? directory, Func<DockerConfigFile, bool> change, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var file = Load(directory);
            if (change(file))
                await file.SaveAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>The credential helper for a registry; null if the credentials are in the file itself.</summary>
    public string? HelperFor(string registry)
    {
        if (_root["credHelpers"] is JsonObject helpers)
        {
            foreach (var (key, value) in helpers)
            {
                if (RegistryOf(key) == registry)
                    return Text(value);
            }
        }

        return Text(_root["credsStore"]);
    }

    /// <summary>The names of all credential helpers.</summary>
    public IEnumerable<string> Helpers() =>
        ((_root["credHelpers"] as JsonObject)?.Select(h => Text(h.Value)) ?? [])
            .Append(Text(_root["credsStore"]))
            .OfType<string>()
            .Distinct();

    /// <summary>The credentials in the file itself, each with its user; null for an entry whose password is stored by a helper.</summary>
    public IEnumerable<(string Registry, string? User)> Logins()
    {
        if (_root["auths"] is not JsonObject auths)
            yield break;
        foreach (var (key, value) in auths)
            yield return (RegistryOf(key), value is JsonObject entry ? UserOf(entry) : null);
    }

    /// <summary>Stores credentials, replacing all of the registry.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="credential">The credentials; null for an entry whose password is stored by a helper.</param>
    public void Set(string registry, RegistryCredential? credential)
    {
        Remove(registry);
        if (_root["auths"] is not JsonObject auths)
            _root["auths"] = auths = [];
        auths[KeyOf(registry)] = credential switch
        {
            null => [],
            // Only the token is used for authentication; Docker stores a user with it only for display.
            { IsToken: true } => new JsonObject
            {
                ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{RegistryCredential.TokenUser}:")),
                ["identitytoken"] = credential.Secret,
            },
            _ => new JsonObject { ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Secret}")) },
        };
    }

    /// <summary>Removes the credentials of a registry, with all spellings of its key.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Remove(string registry)
    {
        if (_root["auths"] is not JsonObject auths)
            return false;
        var keys = auths.Select(e => e.Key).Where(key => RegistryOf(key) == registry).ToList();
        foreach (var key in keys)
            auths.Remove(key);
        return keys.Count > 0;
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        var bytes = Encoding.UTF8.GetBytes(_root.ToJsonString(Indented) + "\n");
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                // The write keeps the mode of the replaced file, so that no other user can read the new file at any moment.
                if (!File.Exists(Path))
                    OutputFile.TryCreate(Path);
                File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtrFileException($"The file '{Path}' cannot be written: {e.Message.TrimEnd('.')}.", e)
            {
                ErrorId = ErrorIds.FileNotWritable,
                Subject = Path,
            };
        }

        await OutputFile
            .WriteAsync(Path, noClobber: false, stream => stream.WriteAsync(bytes, CancellationToken.None).AsTask(), cancellationToken)
            .ConfigureAwait(false);
    }

    private static string? UserOf(JsonObject entry)
    {
        if (Text(entry["identitytoken"]) is not null)
            return RegistryCredential.TokenUser;
        if (Text(entry["username"]) is { } user)
            return user;
        try
        {
            return Text(entry["auth"]) is { } auth ? Encoding.UTF8.GetString(Convert.FromBase64String(auth)).Split(':')[0] : null;
        }
        catch (FormatException)
        {
            return "";
        }
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}
