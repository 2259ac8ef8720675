using System.Text.Json;

namespace Containerd.Host.Networks.Requests;

/// <summary>What the client asks the verb network-sweep for, on its standard input.</summary>
internal sealed record SweepRequest
{
    /// <summary>The folders of the daemon.</summary>
    public NetworkFolders Folders { get; init; } = new();

    /// <summary>Only these attachments of the module, none of which runs; null for all that do not run.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    /// <summary>
    /// The namespaces of the machine's daemon, to also remove the rules and addresses that other clients left behind; null to leave those.
    /// </summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>
    /// The attachment ids, NAMESPACE-ID, of all containers that exist in these namespaces, whose addresses and rules stay.
    /// </summary>
    public IReadOnlyList<string> Containers { get; init; } = [];

    /// <summary>Bridges that are removed, because their network was.</summary>
    public IReadOnlyList<string> Bridges { get; init; } = [];

    /// <summary>Reads a request.</summary>
    internal static SweepRequest Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var request = JsonSerializer.Deserialize(json, NetworkJson.Default.SweepRequest) ?? throw RequestChecks.Invalid("it is empty");
            request = request with
            {
                Folders = (request.Folders ?? new()).Complete(),
                Containers = request.Containers ?? [],
                Bridges = request.Bridges ?? [],
            };
            RequestChecks.Check(request.Folders);
            return request;
        }
        catch (JsonException e)
        {
            throw RequestChecks.Invalid("it is not a valid document", e);
        }
    }

    /// <summary>The standard input of the verb.</summary>
    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, NetworkJson.Default.SweepRequest);
}
