using System.Management.Automation;
using Containerd.Client;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>
/// Removes everything that is not in use: containers that do not run, images, networks, interrupted writes, and with -Volume anonymous
/// volumes.
/// </summary>
[Cmdlet(VerbsCommon.Clear, "CtrStorage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CtrStorageCleanup))]
public sealed class ClearCtrStorageCommand : SessionCmdlet
{
    /// <summary>
    /// Specifies a minimum age, such as 90m, 24h, 7d, or a number of seconds. It counts from the last exit of a container, or its creation;
    /// from the creation of a volume; from the last change of an image's name and of a network's configuration; and from the last byte of
    /// an interrupted write.
    /// </summary>
    [Parameter]
    [SingleValue("1.5s")]
    public CtrDuration OlderThan { get; set; }

    /// <summary>
    /// Indicates that anonymous volumes that no container mounts are removed too, with their files. Volumes with a name are always kept.
    /// </summary>
    [Parameter]
    public SwitchParameter Volume { get; set; }

    /// <inheritdoc cref="CopyCtrItemCommand.Name"/>
    [Parameter(DontShow = true)]
    [RefusedName("This command clears whole namespaces.")]
    public object? Name { get; set; }

    protected override void EndProcessing()
    {
        TryPerSession(null, () => Clear(Resolve()));
        base.EndProcessing();
    }

    private void Clear(NamespaceClient ns)
    {
        var options = new StorageCleanupOptions { OlderThan = this.AgeIfGiven(OlderThan, "objects"), Volumes = Volume };
        var plan = AwaitShown($"Examining {ns.Namespace}", (progress, cancellationToken) =>
            ns.Cleanup.PlanAsync(options, progress, cancellationToken)
        );
        foreach (var problem in plan.Problems)
        {
            // On another host there are networks and volumes that only a command on that host can remove.
            if (problem is CtrNotSupportedException)
                WriteWarning($"{problem.Message} They are left out.");
            else
                Try(null, () => throw problem);
        }

        if (this.IsWhatIf())
        {
            foreach (var (item, action) in CleanupText.Items(plan))
                ShouldProcess($"{item} ({ns.Namespace})", action);
            return;
        }

        // With nothing to remove there is nothing to ask.
        if (
            !plan.IsEmpty
            && !ShouldProcess(
                CleanupText.Describe(plan, ns.Namespace),
                CleanupText.Ask(plan, ns.Namespace),
                "Remove everything that is not in use"
            )
        )
            return;
        Run(ns, plan);
    }

    private void Run(NamespaceClient ns, StorageCleanupPlan plan)
    {
        var total = CleanupText.Items(plan).Count;
        var steps = new List<StorageCleanupStep>();
        CtrStorageCleanup cleanup;
        try
        {
            cleanup = AwaitShown($"Clearing {ns.Namespace}", (progress, cancellationToken) =>
                ns.Cleanup.RunAsync(plan, new Steps(step => Report(step, progress)), cancellationToken)
            );
        }
        catch (PipelineStoppedException)
        {
            lock (steps)
                WriteWarningAfterStop($"The clean-up of namespace '{ns.Namespace}' was stopped. {CleanupText.Done(steps)}");
            throw;
        }

        WriteObject(cleanup);
        foreach (var step in steps.Where(step => step.Error is not null))
        {
            if (step.Item is CtrContainer container)
                Call(container.ContainerId, container.Name);
            Try(step.Item, () => throw step.Error!);
        }

        void Report(StorageCleanupStep step, IProgress<ImageProgress> progress)
        {
            int done;
            lock (steps)
            {
                steps.Add(step);
                done = steps.Count;
            }

            progress.Report(new ImageProgress(ImageProgressStage.Removing, $"{step.Item}", done, total));
            if (step.Outcome != StorageCleanupOutcome.Failed)
                Post(() => WriteVerbose(CleanupText.Of(step)));
        }
    }

    private sealed class Steps(Action<StorageCleanupStep> report) : IProgress<StorageCleanupStep>
    {
        public void Report(StorageCleanupStep value) => report(value);
    }
}
