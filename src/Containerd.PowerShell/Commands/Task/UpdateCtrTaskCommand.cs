using System.Collections;
using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Changes the limits of tasks that run, are paused or were only created (libcontainerd's UpdateResources); what is not given stays as it
/// is. The container's
/// stored spec is kept in step, so that its next task has them too, and is put back when the update fails.
/// <para>
/// A limit on memory below what is in use: on cgroup v1 the kernel refuses it when it cannot reclaim enough, and nothing changes
/// (LimitInUse). On cgroup v2 the
/// kernel takes any limit, reclaims, and may kill processes at once; runc from 1.1.3 on and crun are asked to check first
/// (checkBeforeUpdate), and then refuse it
/// in the same way. A limit of processes below their number stops no process: there can only be no new ones.
/// </para>
/// <para>
/// Limits on the rate of block devices (throttleReadBpsDevice and its like) need runc 1.2 or later, or crun; a runtime that ignores them is
/// an error
/// (ThrottleNotSupported), and nothing changes.
/// </para>
/// </summary>
[Cmdlet(VerbsData.Update, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask))]
public sealed class UpdateCtrTaskCommand : ThrottledContainerCmdlet, ILimitParameters
{
    /// <summary>Specifies the memory limit: 512m, 1g, or a number of bytes; -1 means no limit.</summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize Memory { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize MemorySwap { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize MemoryReservation { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ProcessorsTransformation]
    public decimal? Cpu { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public long? CpuShares { get; set; }

    /// <summary>
    /// Specifies the processor time that the container may use in each period, in microseconds over all processors; -1 means no limit.
    /// </summary>
    [Parameter]
    public long? CpuQuota { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public long? CpuPeriod { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? CpusetCpus { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? CpusetMems { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public long? PidsLimit { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public int? BlkioWeight { get; set; }

    /// <summary>
    /// Specifies limits in the form of the OCI runtime spec (linux.resources): a CtrSpecResources object, a hashtable or JSON text. Other
    /// parameters take precedence.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public object? Resources { get; set; }

    /// <summary>Returns the task. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    CtrSize? ILimitParameters.Memory => this.IfGiven(Memory);

    CtrSize? ILimitParameters.MemorySwap => this.IfGiven(MemorySwap);

    CtrSize? ILimitParameters.MemoryReservation => this.IfGiven(MemoryReservation);

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var limits = ((ILimitParameters)this).Limits();
            var change = Change(limits);
            if (!ShouldProcess(target.Shown, "Update task"))
                return;
            Do(target.Subject, UpdateAsync, task =>
            {
                if (PassThru)
                    WriteObject(task);
            });

            async Task<CtrTask> UpdateAsync(CancellationToken cancellationToken)
            {
                await target.Namespace.Specs.RequireAsync(limits, cancellationToken).ConfigureAwait(false);
                return await target.Namespace.Tasks.UpdateAsync(target.Id, change, cancellationToken).ConfigureAwait(false);
            }
        });

    private CtrSpecResources Change(ResourceOptions limits)
    {
        var given = limits.ToResources();
        return Resources is null ? given : ResourceOptions.Merge(ResourcesArgument(Resources), given);
    }

    private static CtrSpecResources ResourcesArgument(object value) =>
        (value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value) switch
        {
            CtrSpecResources resources => resources,
            string json => CtrSpecResources.Parse(json),
            IDictionary or PSObject => CtrSpecResources.FromDictionary((IDictionary)SpecArgument.Plain(value)!),
            var other => throw new CtrArgumentException($"A {other.GetType().Name} does not contain limits.")
            {
                ErrorId = ErrorIds.InvalidSpec,
                Remedy = "Use a CtrSpecResources object, a hashtable, or JSON text.",
            },
        };
}
