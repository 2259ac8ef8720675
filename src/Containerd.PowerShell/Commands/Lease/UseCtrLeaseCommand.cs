using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Runs a script block under a lease: what the module's commands make in the lease's namespace while the block runs is held by it, and
/// needs no
/// containerd.io/gc.root label. A new lease is removed at the end of the block, however it ends, and what nothing else holds by then is
/// collected; one that was there
/// stays. Blocks nest, the innermost counts. A block is its runspace's own: what ForEach-Object -Parallel and jobs do is under no lease,
/// unless they use one
/// themselves. The block runs in the caller's scope and gets the lease as its argument.
/// </summary>
[Cmdlet(VerbsOther.Use, "CtrLease", DefaultParameterSetName = New, SupportsShouldProcess = true)]
[OutputType(typeof(PSObject))]
public sealed class UseCtrLeaseCommand : LeaseCreationCmdlet
{
    private const string ById = "Id";
    private const string ByObject = "InputObject";

    // At Ctrl+C the prompt does not wait for the garbage collector.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>What to run.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>A lease that is there already, by its id.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(LeaseCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Id { get; set; }

    /// <summary>A lease that is there already, as New-CtrLease and Get-CtrLease give it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrLease? InputObject { get; set; }

    /// <summary>Leaves a new lease in place, with all that it holds, until it expires or is removed.</summary>
    [Parameter(ParameterSetName = New)]
    public SwitchParameter Keep { get; set; }

    protected override void ProcessRecord()
    {
        NamespaceClient? ns = null;
        CtrLease? lease = null;
        Try(Id ?? InputObject as object, () =>
        {
            ns = Resolve(InputObject);
            if (!ShouldProcess($"{Id ?? InputObject?.Id ?? "a new lease"} ({ns.Namespace})", "Run a script block under a lease"))
                return;
            lease =
                ParameterSetName == New
                    ? Await(cancellationToken => ns.Leases.BeginAsync(Lifetime, NewLabels(Label), cancellationToken))
                    : Await(cancellationToken => ns.Leases.GetAsync(Id ?? InputObject!.Id, cancellationToken));
        });
        if (ns is null || lease is null)
            return;
        var ends = ParameterSetName == New && !Keep;
        try
        {
            using (LeaseBlocks.Enter(ns, lease.Id))
            {
                // In the caller's scope, as ForEach-Object runs its blocks; output and errors go on as they come.
                InvokeCommand.InvokeScript(
                    ". $args[0] $args[1]",
                    false,
                    PipelineResultTypes.Output | PipelineResultTypes.Error,
                    null,
                    ScriptBlock,
                    lease
                );
            }
        }
        finally
        {
            if (ends)
                Remove(ns, lease);
        }
    }

    private void Remove(NamespaceClient ns, CtrLease lease)
    {
        // Not a stopped pipeline's work any more: it must be done whatever ended the block.
        var removing = Task.Run(async () =>
        {
            using var deadline = new CancellationTokenSource(ContainerdClient.CleanUpDeadline);
            try
            {
                await ns.Leases.DeleteAsync(lease.Id, synchronous: true, deadline.Token).ConfigureAwait(false);
                return null;
            }
            catch (Exception e) when (e is CtrException or OperationCanceledException)
            {
                return e.Message;
            }
        });
        if (Stopping)
            removing.Wait(Patience);
        else if (removing.GetAwaiter().GetResult() is { } why)
            WriteWarning(
                $"The lease '{lease.Id}' could not be removed: {why} It ends by "
                    + $"itself{(lease.ExpiresAt is { } end ? $" at {end:u}" : " never")}."
            );
    }
}
