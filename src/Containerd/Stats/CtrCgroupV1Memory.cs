namespace Containerd;

/// <summary>Memory of a task on cgroup v1 (memory controller; the names are those of memory.stat). What begins with Total includes the control groups below.</summary>
public sealed class CtrCgroupV1Memory
{
    /// <summary>Memory, the page cache included (usage).</summary>
    public CtrCgroupV1MemoryUse? Usage { get; set; }

    /// <summary>Memory and swap together (swap).</summary>
    public CtrCgroupV1MemoryUse? Swap { get; set; }

    /// <summary>Kernel memory (kernel).</summary>
    public CtrCgroupV1MemoryUse? Kernel { get; set; }

    /// <summary>Buffers of TCP (kernel_tcp).</summary>
    public CtrCgroupV1MemoryUse? KernelTcp { get; set; }

    /// <summary>The least limit of this control group and those above, in bytes; -1 for none (hierarchical_memory_limit).</summary>
    public CtrSize HierarchicalMemoryLimit { get; set; }

    /// <summary>The same of memory and swap together, in bytes; -1 for none (hierarchical_swap_limit).</summary>
    public CtrSize HierarchicalSwapLimit { get; set; }

    /// <summary>Page cache, in bytes (cache).</summary>
    public CtrSize Cache { get; set; }

    /// <summary>Anonymous memory and swap cache, in bytes (rss).</summary>
    public CtrSize Rss { get; set; }

    /// <summary>Anonymous huge pages, in bytes (rss_huge).</summary>
    public CtrSize RssHuge { get; set; }

    /// <summary>Mapped files, in bytes (mapped_file).</summary>
    public CtrSize MappedFile { get; set; }

    /// <summary>Waiting to be written to disk, in bytes (dirty).</summary>
    public CtrSize Dirty { get; set; }

    /// <summary>Being written to disk, in bytes (writeback).</summary>
    public CtrSize Writeback { get; set; }

    /// <summary>Pages charged, a count since the start (pg_pg_in).</summary>
    public long PgPgIn { get; set; }

    /// <summary>Pages uncharged, a count since the start (pg_pg_out).</summary>
    public long PgPgOut { get; set; }

    /// <summary>Page faults, a count since the start (pg_fault).</summary>
    public long PgFault { get; set; }

    /// <summary>Page faults that read from disk, a count since the start (pg_maj_fault).</summary>
    public long PgMajFault { get; set; }

    /// <summary>Anonymous memory on the inactive list, in bytes (inactive_anon).</summary>
    public CtrSize InactiveAnon { get; set; }

    /// <summary>Anonymous memory on the active list, in bytes (active_anon).</summary>
    public CtrSize ActiveAnon { get; set; }

    /// <summary>File memory on the inactive list, in bytes (inactive_file).</summary>
    public CtrSize InactiveFile { get; set; }

    /// <summary>File memory on the active list, in bytes (active_file).</summary>
    public CtrSize ActiveFile { get; set; }

    /// <summary>Memory that cannot be reclaimed, in bytes (unevictable).</summary>
    public CtrSize Unevictable { get; set; }

    /// <summary>Page cache, in bytes (total_cache).</summary>
    public CtrSize TotalCache { get; set; }

    /// <summary>Anonymous memory and swap cache, in bytes (total_rss).</summary>
    public CtrSize TotalRss { get; set; }

    /// <summary>Anonymous huge pages, in bytes (total_rss_huge).</summary>
    public CtrSize TotalRssHuge { get; set; }

    /// <summary>Mapped files, in bytes (total_mapped_file).</summary>
    public CtrSize TotalMappedFile { get; set; }

    /// <summary>Waiting to be written to disk, in bytes (total_dirty).</summary>
    public CtrSize TotalDirty { get; set; }

    /// <summary>Being written to disk, in bytes (total_writeback).</summary>
    public CtrSize TotalWriteback { get; set; }

    /// <summary>Pages charged, a count since the start (total_pg_pg_in).</summary>
    public long TotalPgPgIn { get; set; }

    /// <summary>Pages uncharged, a count since the start (total_pg_pg_out).</summary>
    public long TotalPgPgOut { get; set; }

    /// <summary>Page faults, a count since the start (total_pg_fault).</summary>
    public long TotalPgFault { get; set; }

    /// <summary>Page faults that read from disk, a count since the start (total_pg_maj_fault).</summary>
    public long TotalPgMajFault { get; set; }

    /// <summary>Anonymous memory on the inactive list, in bytes (total_inactive_anon).</summary>
    public CtrSize TotalInactiveAnon { get; set; }

    /// <summary>Anonymous memory on the active list, in bytes (total_active_anon).</summary>
    public CtrSize TotalActiveAnon { get; set; }

    /// <summary>File memory on the inactive list, in bytes (total_inactive_file).</summary>
    public CtrSize TotalInactiveFile { get; set; }

    /// <summary>File memory on the active list, in bytes (total_active_file).</summary>
    public CtrSize TotalActiveFile { get; set; }

    /// <summary>Memory that cannot be reclaimed, in bytes (total_unevictable).</summary>
    public CtrSize TotalUnevictable { get; set; }
}
