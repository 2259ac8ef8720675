using System.Text.Json;
using System.Text.Json.Serialization;

namespace Containerd.Host.Networks.Requests;

/// <summary>
/// The networks of a container, as the client asks the helper program for them: JSON in an annotation of the container's spec, so that a
/// start without a client (the restart monitor) and a copy of the spec need nothing else.
/// </summary>
internal sealed record NetworkRequest
{
    /// <summary>The annotation of the spec.</summary>
    internal const string Annotation = "containerd-powershell/network";

    /// <summary>The version of this form. A helper program refuses a higher one.</summary>
    internal const int CurrentSchema = 1;

    /// <summary>The version of the form that the request has.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The containerd namespace.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The container's id.</summary>
    public string Container { get; init; } = "";

    /// <summary>The container's name; null if it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The host name that the container's processes see; null if it is the host's.</summary>
    public string? Hostname { get; init; }

    /// <summary>The CNI container id: <see cref="NetworkFolders.AttachmentId"/>.</summary>
    public string Attachment { get; init; } = "";

    /// <summary>
    /// The networks, in the order of their interfaces. The first one with a default route gets the container's default route.
    /// </summary>
    public IReadOnlyList<RequestedNetwork> Networks { get; init; } = [];

    /// <summary>The published ports; on the first network whose plugins can publish ports.</summary>
    public IReadOnlyList<RequestedPort> Ports { get; init; } = [];

    /// <summary>The addresses of the host that ports are published on, as far as there are any.</summary>
    [JsonIgnore]
    public IEnumerable<string> HostAddresses => Ports.Select(p => p.HostAddress).OfType<string>();

    /// <summary>The settings for the container's resolver, for plugins that use them; the file is written by the client.</summary>
    public RequestedDns? Dns { get; init; }

    /// <summary>Further lines of the hosts file.</summary>
    public IReadOnlyList<RequestedHost> Hosts { get; init; } = [];

    /// <summary>The files of the container that the module writes.</summary>
    public RequestedFiles Files { get; init; } = new();

    /// <summary>The folders of this daemon's networks.</summary>
    public NetworkFolders Folders { get; init; } = new();

    /// <summary>Reads a request.</summary>
    /// <param name="json">The annotation's value.</param>
    /// <exception cref="CtrDataException">It is not valid (NetworkRequestInvalid).</exception>
    /// <exception cref="CtrNotSupportedException">It is from a newer version (NetworkRequestTooNew).</exception>
    internal static NetworkRequest Read(string json)
    {
        NetworkRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(json, NetworkJson.Default.NetworkRequest);
        }
        catch (JsonException e)
        {
            // A newer form may differ in any field but this one.
            throw SchemaOf(json) is > CurrentSchema and var schema
                ? TooNew(schema)
                : RequestChecks.Invalid("it is not a valid document", e);
        }

        if (request is null)
            throw RequestChecks.Invalid("it is empty");
        if (request.Schema > CurrentSchema)
            throw TooNew(request.Schema);
        request = request.Complete();
        RequestChecks.Check(request);
        return request;
    }

    /// <summary>Checks the request and writes it.</summary>
    internal string Write()
    {
        RequestChecks.Check(this);
        return JsonSerializer.Serialize(this, NetworkJson.Default.NetworkRequest);
    }

    /// <summary>Replaces what a document did not have: the serializer leaves absent fields null.</summary>
    internal NetworkRequest Complete() =>
        this with
        {
            Namespace = Namespace ?? "",
            Container = Container ?? "",
            Attachment = Attachment ?? "",
            Networks = [.. (Networks ?? []).Select(n => n.Complete())],
            Ports = [.. (Ports ?? []).Select(p => p.Complete())],
            Dns = Dns?.Complete(),
            Hosts = [.. (Hosts ?? []).Select(h => h.Complete())],
            Files = Files ?? new(),
            Folders = (Folders ?? new()).Complete(),
        };

    private static int? SchemaOf(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return
                document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("schema", out var schema)
                && schema.TryGetInt32(out var number)
                ? number
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static CtrNotSupportedException TooNew(int schema) =>
        new(
            $"The container's networks were requested in version {schema} of the form, and the helper program knows version "
                + $"{CurrentSchema}."
        )
        {
            ErrorId = ErrorIds.NetworkRequestTooNew,
            Remedy = "Install the helper program of the version that created the container, or create the container again.",
        };
}
