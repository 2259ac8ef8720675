namespace Containerd;

/// <summary>The utility VM of a Windows container.</summary>
public sealed class CtrWindowsVirtualMachine
{
    /// <summary>Time on all processors (processor.total_runtime_ns, nanoseconds there).</summary>
    public TimeSpan CpuTotal { get; set; }

    /// <summary>Physical memory, in bytes (memory.working_set_bytes).</summary>
    public long? WorkingSet { get; set; }

    /// <summary>Virtual NUMA nodes (memory.virtual_node_count).</summary>
    public long VirtualNodeCount { get; set; }

    /// <summary>As Hyper-V reports it (memory.vm_memory.available_memory).</summary>
    public long AvailableMemory { get; set; }

    /// <summary>As Hyper-V reports it (memory.vm_memory.available_memory_buffer).</summary>
    public long AvailableMemoryBuffer { get; set; }

    /// <summary>As Hyper-V reports it (memory.vm_memory.reserved_memory).</summary>
    public long ReservedMemory { get; set; }

    /// <summary>As Hyper-V reports it (memory.vm_memory.assigned_memory).</summary>
    public long AssignedMemory { get; set; }

    /// <summary>Whether second level paging is in use (memory.vm_memory.slp_active).</summary>
    public bool SlpActive { get; set; }

    /// <summary>Whether memory is balanced between VMs (memory.vm_memory.balancing_enabled).</summary>
    public bool BalancingEnabled { get; set; }

    /// <summary>Whether an operation on the dynamic memory is in progress (memory.vm_memory.dm_operation_in_progress).</summary>
    public bool DmOperationInProgress { get; set; }
}
