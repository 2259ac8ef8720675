using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Containerd.Oci.Images;

/// <summary>An image config as it is stored.</summary>
internal sealed class OciConfig
{
    public string? Architecture { get; set; }

    [JsonPropertyName("os")]
    public string? OperatingSystem { get; set; }

    public string? Variant { get; set; }

    public string? Created { get; set; }

    public string? Author { get; set; }

    public Settings? Config { get; set; }

    public List<Step?>? History { get; set; }

    [JsonPropertyName("rootfs")]
    public RootFileSystem? RootFs { get; set; }

    public ImagePlatform Platform() => ImagePlatform.Canonical(OperatingSystem, Architecture, Variant);

    public ImageConfig ToModel() =>
        new()
        {
            OperatingSystem = OperatingSystem ?? "",
            Architecture = Architecture ?? "",
            Variant = Variant ?? "",
            CreatedAt = Time(Created),
            Author = Author ?? "",
            Entrypoint = Clean(Config?.Entrypoint),
            Cmd = Clean(Config?.Cmd),
            Env = Clean(Config?.Env),
            WorkingDir = Config?.WorkingDir ?? "",
            User = Config?.User ?? "",
            StopSignal = Config?.StopSignal ?? "",
            Labels = new CtrMap(Config?.Labels ?? []),
            ExposedPorts = [.. (Config?.ExposedPorts ?? []).Keys],
            Volumes = [.. (Config?.Volumes ?? []).Keys],
            DiffIds = DiffIds(),
        };

    public string[] DiffIds() => Clean(RootFs?.DiffIds);

    public IEnumerable<Step> Steps() => (History ?? []).Where(s => s is not null).Select(s => s!);

    /// <summary>A time in local time; null for a time that cannot be parsed, which is not a reason to reject the image.</summary>
    internal static DateTime? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.LocalDateTime
            : null;

    private static string[] Clean(List<string?>? words) => [.. (words ?? []).Select(w => w ?? "")];

    internal sealed class Settings
    {
        public string? User { get; set; }

        public string? WorkingDir { get; set; }

        public string? StopSignal { get; set; }

        public List<string?>? Entrypoint { get; set; }

        public List<string?>? Cmd { get; set; }

        public List<string?>? Env { get; set; }

        public Dictionary<string, string?>? Labels { get; set; }

        public Dictionary<string, JsonElement>? ExposedPorts { get; set; }

        public Dictionary<string, JsonElement>? Volumes { get; set; }
    }

    /// <summary>One step of the history.</summary>
    internal sealed class Step
    {
        public string? Created { get; set; }

        [JsonPropertyName("created_by")]
        public string? CreatedBy { get; set; }

        public string? Author { get; set; }

        public string? Comment { get; set; }

        [JsonPropertyName("empty_layer")]
        public bool? EmptyLayer { get; set; }
    }

    internal sealed class RootFileSystem
    {
        [JsonPropertyName("diff_ids")]
        public List<string?>? DiffIds { get; set; }
    }
}
