using System.Text.Json;

namespace Containerd.Host.Networks.Requests;

/// <summary>What the verb network-change did, on its standard output.</summary>
internal sealed record ChangeReport
{
    /// <summary>Whether the container is attached, and so runs. If it does not run, nothing was changed.</summary>
    public bool IsAttached { get; init; }

    /// <summary>The interfaces and addresses of the container after the change.</summary>
    public IReadOnlyList<AttachedNetwork> Networks { get; init; } = [];

    /// <summary>Why nothing was changed; null if it was.</summary>
    public NetworkFailure? Failure { get; init; }

    /// <summary>Reads the standard output of the verb.</summary>
    /// <returns>The report; null if the text is not one.</returns>
    internal static ChangeReport? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, NetworkJson.Default.ChangeReport) is { } report
                ? report with
                {
                    Networks = report.Networks ?? [],
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The standard output of the verb.</summary>
    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, NetworkJson.Default.ChangeReport);
}
