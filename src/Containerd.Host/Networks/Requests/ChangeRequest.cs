using System.Text.Json;

namespace Containerd.Host.Networks.Requests;

/// <summary>What the client asks the verb network-change for, on its standard input.</summary>
internal sealed record ChangeRequest
{
    /// <summary>The networks and ports that the container is to have.</summary>
    public NetworkRequest Request { get; init; } = new();

    /// <summary>The attachment id of a container whose published ports the container gets; null for none.</summary>
    public string? PortsFrom { get; init; }

    /// <summary>Reads a request.</summary>
    internal static ChangeRequest Read(ReadOnlySpan<byte> json)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, NetworkJson.Default.ChangeRequest) is not { Request: not null } change)
                throw RequestChecks.Invalid("it is empty");
            change = change with { Request = change.Request.Complete() };
            RequestChecks.Check(change.Request);
            return change;
        }
        catch (JsonException e)
        {
            throw RequestChecks.Invalid("it is not a valid document", e);
        }
    }

    /// <summary>Checks the request and writes it.</summary>
    internal byte[] Write()
    {
        RequestChecks.Check(Request);
        return JsonSerializer.SerializeToUtf8Bytes(this, NetworkJson.Default.ChangeRequest);
    }
}
