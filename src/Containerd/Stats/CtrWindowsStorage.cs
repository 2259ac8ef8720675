namespace Containerd;

/// <summary>Storage of a Windows container, since its start.</summary>
public sealed class CtrWindowsStorage
{
    /// <summary>Read operations, normalized (read_count_normalized).</summary>
    public long Reads { get; set; }

    /// <summary>Read, in bytes (read_size_bytes).</summary>
    public long? ReadBytes { get; set; }

    /// <summary>Write operations, normalized (write_count_normalized).</summary>
    public long Writes { get; set; }

    /// <summary>Written, in bytes (write_size_bytes).</summary>
    public long? WriteBytes { get; set; }
}
