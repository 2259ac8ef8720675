using System.Text.Json;

namespace Containerd.Host.Networks.Requests;

/// <summary>What the verb network-repair did, on its standard output.</summary>
internal sealed record RepairReport
{
    /// <summary>The attachments whose rules were missing.</summary>
    public IReadOnlyList<RepairedAttachment> Attachments { get; init; } = [];

    /// <summary>The networks whose name server did not run, or did not answer.</summary>
    public IReadOnlyList<string> NameServers { get; init; } = [];

    /// <summary>What could not be added.</summary>
    public IReadOnlyList<NetworkFailure> Failures { get; init; } = [];

    /// <summary>Reads the standard output of the verb.</summary>
    /// <returns>The report; null if the text is not one.</returns>
    internal static RepairReport? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, NetworkJson.Default.RepairReport) is { } report
                ? report with
                {
                    Attachments = report.Attachments ?? [],
                    NameServers = report.NameServers ?? [],
                    Failures = report.Failures ?? [],
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The standard output of the verb.</summary>
    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, NetworkJson.Default.RepairReport);
}
