using System.Text.Json;
using Containerd.Host.Files;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Requests;

/// <summary>
/// A container that is attached to networks, or was when the helper program ended: written before the first plugin runs, completed after
/// the last one, removed when everything is undone.
/// </summary>
internal sealed record AttachmentRecord
{
    /// <summary>What was requested.</summary>
    public NetworkRequest Request { get; init; } = new();

    /// <summary>The container's first process.</summary>
    public int Pid { get; init; }

    /// <summary>Its start time, because process ids are reused.</summary>
    public long StartTime { get; init; }

    /// <summary>The runtime's folder of the container.</summary>
    public string Bundle { get; init; } = "";

    /// <summary>The network namespace of the host that the container is attached to: device and inode.</summary>
    public string HostNamespace { get; init; } = "";

    /// <summary>The interfaces and addresses; empty until the container is attached.</summary>
    public IReadOnlyList<AttachedNetwork> Networks { get; init; } = [];

    /// <summary>Whether everything was done.</summary>
    public bool Complete { get; init; }

    /// <summary>When it could not be undone, in seconds since 1970; 0 if nothing failed.</summary>
    public long FailedAt { get; init; }

    /// <summary>Reads the records of a daemon; those that cannot be read are skipped.</summary>
    internal static IReadOnlyList<AttachmentRecord> ReadAll(NetworkFolders folders)
    {
        var records = new List<AttachmentRecord>();
        if (!Directory.Exists(folders.Records))
            return records;
        foreach (var file in Directory.EnumerateFiles(folders.Records, "*.json"))
        {
            if (Read(file) is { } record)
                records.Add(record);
        }

        return records;
    }

    /// <summary>Reads a record.</summary>
    /// <param name="file">From <see cref="NetworkFolders.RecordOf"/>.</param>
    /// <returns>The record; null if it does not exist or cannot be read.</returns>
    internal static AttachmentRecord? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), NetworkJson.Default.AttachmentRecord) is { Request: not null } record
                ? record with
                {
                    Request = record.Request.Complete(),
                    Bundle = record.Bundle ?? "",
                    HostNamespace = record.HostNamespace ?? "",
                    // Earlier versions did not know all of it.
                    Networks = [.. (record.Networks ?? []).Select(n => n with { NameServers = n.NameServers ?? [] })],
                }
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether an attachment to a network is recorded.</summary>
    internal bool Has(string network, string interfaceName) => Networks.Any(n => n.Name == network && n.Interface == interfaceName);

    /// <summary>The names of the container in a network.</summary>
    internal IEnumerable<string> NamesIn(string network) =>
        new[] { Request.Hostname, Request.Container, Request.Name }
            .OfType<string>()
            .Concat(Request.Networks.FirstOrDefault(n => n.Name == network)?.Aliases ?? [])
            .Distinct(StringComparer.Ordinal);

    /// <summary>Whether the container's first process still runs. Only where process ids are those of the daemon.</summary>
    internal bool IsAlive() => OperatingSystem.IsLinux() && new ProcessMark(Pid, StartTime).IsAlive;

    /// <summary>Writes the record.</summary>
    internal void Write()
    {
        if (OperatingSystem.IsLinux())
        {
            TrustedFolder.Write(
                Request.Folders.RecordOf(Request.Attachment),
                JsonSerializer.SerializeToUtf8Bytes(this, NetworkJson.Default.AttachmentRecord)
            );
        }
    }
}
