namespace Containerd;

/// <summary>Huge pages of one size (hugetlb controller).</summary>
public sealed class CtrHugetlbStats
{
    /// <summary>The page size as the kernel writes it, such as 2MB (pagesize).</summary>
    public string PageSize { get; set; } = "";

    /// <summary>In use, in bytes (v1 usage, v2 current).</summary>
    [Bytes]
    public long? Usage { get; set; }

    /// <summary>The highest usage so far, in bytes (v1 max); null on v2.</summary>
    [Bytes]
    public long? Max { get; set; }

    /// <summary>The limit, in bytes (v2 max); null on v1 and if there is no limit.</summary>
    [Bytes]
    public long? Limit { get; set; }

    /// <summary>Whether there is no limit (v2 max); false on v1, which does not report limits.</summary>
    public bool IsUnlimited { get; set; }

    /// <summary>How often the limit was hit (v1 failcnt); null on v2.</summary>
    public long? FailCount { get; set; }
}
