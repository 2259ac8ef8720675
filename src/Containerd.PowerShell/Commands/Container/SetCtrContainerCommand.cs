using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Changes a container's metadata: its labels, its restart policy, or the spec for its next task.</summary>
[Cmdlet(VerbsCommon.Set, "CtrContainer", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class SetCtrContainerCommand : ThrottledContainerCmdlet
{
    /// <summary>
    /// Specifies labels to set. Specify a hashtable, or strings such as app=web. A null value, or an empty one, removes the label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Specifies a full spec that replaces the old one: a CtrSpec object, a hashtable or JSON text. A running task keeps the spec that it
    /// was started with.
    /// </summary>
    [Parameter]
    public object? Spec { get; set; }

    /// <summary>
    /// Specifies when containerd starts the container again after its task has ended: no, always, on-failure, on-failure:5 (at most 5
    /// times), or unless-stopped. It applies at once to a task that runs, and otherwise from the next Start-CtrTask.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(RestartPolicyCompleter))]
    [ValidateNotNull]
    public CtrRestartPolicy? RestartPolicy { get; set; }

    /// <summary>Returns the changed container. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var spec = Spec is null ? null : SpecArgument.Read(Spec);
            if (!ShouldProcess(target.Shown, "Change container"))
                return;
            var containers = target.Namespace.Containers;
            Do(target.Subject, SetAsync, container =>
            {
                if (PassThru)
                    WriteObject(container);
            });

            async Task<CtrContainer> SetAsync(CancellationToken cancellationToken)
            {
                var current = RestartPolicy is null
                    ? null
                    : await containers.SetRestartPolicyAsync(target.Id, RestartPolicy, cancellationToken).ConfigureAwait(false);
                if (spec is not null)
                    current = await containers.SetSpecAsync(target.Id, spec, cancellationToken).ConfigureAwait(false);
                if (Label is not null)
                    current = await containers.SetLabelsAsync(target.Id, StringMap.Changes(Label), cancellationToken).ConfigureAwait(false);
                return current ?? await containers.GetAsync(target.Id, cancellationToken).ConfigureAwait(false);
            }
        });
}
