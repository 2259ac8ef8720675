using System.Text.Json;

namespace Containerd.Client.Records;

/// <summary>The health of a container, in the label that nerdctl writes after each check.</summary>
internal static class HealthLabel
{
    /// <summary>The name of the label.</summary>
    internal const string Name = "nerdctl/healthstate";

    /// <summary>The label of a task that has not been checked.</summary>
    internal const string Starting = """{"Status":"starting","FailingStreak":0,"InStartPeriod":true}""";

    /// <summary>Reads the label; null for a container that nobody checks.</summary>
    internal static CtrHealth? Read(IDictionary<string, string> labels)
    {
        if (!labels.TryGetValue(Name, out var text))
            return null;
        try
        {
            using var json = JsonDocument.Parse(text);
            var state = json.RootElement;
            return new CtrHealth
            {
                Status = Status(state.GetProperty("Status").GetString()),
                FailingStreak = state.TryGetProperty("FailingStreak", out var streak) ? streak.GetInt32() : 0,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // Any client can write any label.
            return new CtrHealth();
        }
    }

    private static CtrHealthStatus Status(string? text) =>
        text switch
        {
            "starting" => CtrHealthStatus.Starting,
            "healthy" => CtrHealthStatus.Healthy,
            "unhealthy" => CtrHealthStatus.Unhealthy,
            _ => CtrHealthStatus.Unknown,
        };
}
