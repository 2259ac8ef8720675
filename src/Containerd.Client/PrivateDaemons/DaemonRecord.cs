using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Serialization;
using Containerd.Host.Files;
using Containerd.Host.Processes;

namespace Containerd.Client.PrivateDaemons;

/// <summary>The record of a private daemon beside its socket, with which any process on the machine can find and stop it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DaemonRecord
{
    private const string FileName = "daemon.json";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public string Name { get; set; } = "";
    public string Path { get; set; } = "";
    public bool Ephemeral { get; set; }
    public bool Detached { get; set; }
    public string Version { get; set; } = "";
    public string ContainerdPath { get; set; } = "";
    public string SearchPath { get; set; } = "";
    public DateTime StartedAt { get; set; }
    public ProcessMark Supervisor { get; set; }

    /// <summary>The process with whose exit the daemon stops; default for a detached daemon, and in records of earlier versions.</summary>
    public ProcessMark Owner { get; set; }

    [JsonIgnore]
    public string LogPath => System.IO.Path.Combine(Path, "containerd.log");

    /// <summary>Reads the record in a daemon's directory; null when there is none, or none that makes sense or can be believed.</summary>
    public static DaemonRecord? Read(string directory)
    {
        // Its content is trusted: it determines what is removed and what is run as this user.
        var file = System.IO.Path.Combine(directory, FileName);
        if (!TrustedFolder.IsTrustedFile(file))
            return null;
        try
        {
            var record = JsonSerializer.Deserialize<DaemonRecord>(File.ReadAllBytes(file), Json);
            return record is { Name.Length: > 0, Path.Length: > 0 } ? record : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(string directory) =>
        TrustedFolder.Write(System.IO.Path.Combine(directory, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Json));
}
