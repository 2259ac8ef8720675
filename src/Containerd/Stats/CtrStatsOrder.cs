namespace Containerd;

/// <summary>The sort order of a live view of stats: the highest value first, names in alphabetical order.</summary>
public enum CtrStatsOrder
{
    /// <summary>Processor time.</summary>
    Cpu,

    /// <summary>Memory in use.</summary>
    Memory,

    /// <summary>Processes and threads.</summary>
    Pids,

    /// <summary>Bytes received and sent.</summary>
    Network,

    /// <summary>Bytes read from and written to block devices.</summary>
    BlockIO,

    /// <summary>Namespace and container.</summary>
    Name,
}
