using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Runs a script block under a lease.</summary>
[Cmdlet(VerbsOther.Use, "CtrLease", DefaultParameterSetName = New, SupportsShouldProcess = true)]
[OutputType(typeof(PSObject))]
public sealed class UseCtrLeaseCommand : LeaseCreationCmdlet
{
    private const string ById = "Id";
    private const string ByObject = "InputObject";

    // After Ctrl+C the prompt does not wait for the garbage collector.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Specifies the script block to run. The lease is passed to it as an argument.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>Specifies the id of an existing lease to use. By default, a new lease is created.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(LeaseCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Id { get; set; }

    /// <summary>Specifies an existing lease to use, as New-CtrLease and Get-CtrLease return it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrLease? InputObject { get; set; }

    /// <summary>Indicates that a new lease is not removed after the block. It holds its resources until it expires or is removed.</summary>
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
                // In the caller's scope, as ForEach-Object runs its blocks; output and errors are passed on immediately.
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
        // Not cancelled with the pipeline: this must be done however the block ended.
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
