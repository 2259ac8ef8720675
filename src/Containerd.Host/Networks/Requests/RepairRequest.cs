using System.Text.Json;

namespace Containerd.Host.Networks.Requests;

/// <summary>What the client asks the verb network-repair for, on its standard input.</summary>
internal sealed record RepairRequest
{
    /// <summary>The folders of the daemon.</summary>
    public NetworkFolders Folders { get; init; } = new();

    /// <summary>Whether missing rules are only reported.</summary>
    public bool IsTest { get; init; }

    /// <summary>Only attachments to these networks; null for all.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>Reads a request.</summary>
    internal static RepairRequest Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var request = JsonSerializer.Deserialize(json, NetworkJson.Default.RepairRequest) ?? throw RequestChecks.Invalid("it is empty");
            request = request with { Folders = (request.Folders ?? new()).Complete() };
            RequestChecks.Check(request.Folders);
            return request;
        }
        catch (JsonException e)
        {
            throw RequestChecks.Invalid("it is not a valid document", e);
        }
    }

    /// <summary>The standard input of the verb.</summary>
    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, NetworkJson.Default.RepairRequest);
}
