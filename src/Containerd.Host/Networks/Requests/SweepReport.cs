using System.Text.Json;

namespace Containerd.Host.Networks.Requests;

/// <summary>What the verb network-sweep did, on its standard output.</summary>
internal sealed record SweepReport
{
    /// <summary>The attachments that were undone.</summary>
    public IReadOnlyList<string> Attachments { get; init; } = [];

    /// <summary>The attachments of other clients whose addresses were released.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>The number of rules that were removed besides those.</summary>
    public int Rules { get; init; }

    /// <summary>The bridges that were removed.</summary>
    public IReadOnlyList<string> Bridges { get; init; } = [];

    /// <summary>What could not be removed.</summary>
    public IReadOnlyList<NetworkFailure> Failures { get; init; } = [];

    /// <summary>Reads the standard output of the verb.</summary>
    /// <returns>The report; null if the text is not one.</returns>
    internal static SweepReport? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, NetworkJson.Default.SweepReport) is { } report
                ? report with
                {
                    Attachments = report.Attachments ?? [],
                    Others = report.Others ?? [],
                    Bridges = report.Bridges ?? [],
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
    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, NetworkJson.Default.SweepReport);
}
