using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Starts containers: makes each one's task and runs it (libcontainerd's Start). A task that was created before, by New-CtrTask or another
/// client, is
/// started as it is. With -Attach it joins this terminal, or the pipeline, to the task in its object's place.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask), typeof(string))]
public sealed class StartCtrTaskCommand : TaskStartCmdlet, IAttachParameters
{
    /// <summary>
    /// A checkpoint of the container that the task goes on from: a directory or an archive. A checkpoint from the pipeline names its own.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CheckpointPath { get; set; }

    /// <summary>
    /// Indicates that a checkpoint is restored without a question, although this daemon did not make it. Its memory images are restored by
    /// root with the privileges that they
    /// contain: use it only for checkpoints of people that you trust with this host.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Shows what the task writes, and has it read what is typed where it has a terminal, until it ends or the detach keys are typed;
    /// without a terminal Ctrl+C ends it.
    /// The task goes on then.
    /// </summary>
    [Parameter]
    public SwitchParameter Attach { get; set; }

    /// <summary>
    /// With -Attach, gives a task without a terminal a standard input and passes the console's to it; its end (Ctrl+D) is the task's end of
    /// input.
    /// </summary>
    [Parameter]
    public SwitchParameter Interactive { get; set; }

    /// <summary>
    /// With -Attach, the keys that leave a terminal, typed one after the other; None for none. Without it Ctrl+P, Ctrl+Q.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(DetachKeysCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? DetachKeys { get; set; }

    private CheckpointQuestion? _question;

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            _question ??= new CheckpointQuestion(this, PostAsync);
            var start = TaskStartOptions() with { CheckpointPath = CheckpointOf(target), ConfirmCheckpoint = _question.Confirm(Force) };
            if (!Attach)
            {
                TaskAttachment.RequireAttach(this, nameof(Interactive), nameof(DetachKeys));
                if (ShouldProcess(target.Shown, "Start task"))
                    Do(target.Subject, cancellationToken => StartAsync(target, start, cancellationToken), Report);
                return;
            }

            if (start.ConsoleSize is not null)
                throw ConflictingParameters.Error(
                    "-Width and -Height cannot be combined with -Attach: the terminal has the size of this window.",
                    "Leave out -Width and -Height."
                );
            var attachment = new TaskAttachment(this, this, Await, PostAsync);
            attachment.Do(() =>
            {
                var container = Await(cancellationToken => target.Namespace.Containers.GetAsync(target.Id, cancellationToken));
                if (ShouldProcess(target.Shown, "Start task"))
                    attachment.Start(
                        target,
                        start with
                        {
                            WithStdin = WithStdin || Interactive,
                        },
                        container.Spec?.Process?.Terminal ?? false
                    );
            });
        });

    private void Report(CtrTask[] tasks)
    {
        foreach (var task in tasks)
        {
            var logs = new[] { task.Stdout, task.Stderr }.Where(path => path.Length > 0).Distinct().ToList();
            WriteVerbose(
                $"Started the task of container {task.ContainerId}, process {task.Pid}. "
                    + $"{(logs.Count > 0 ? $"Its log is {string.Join(" and ", logs)}." : "It has no log.")}"
            );
            WriteObject(task);
        }
    }

    /// <summary>Starts a task.</summary>
    /// <returns>The task; nothing where a question was answered with no.</returns>
    private static async Task<CtrTask[]> StartAsync(ContainerTarget target, TaskStartOptions start, CancellationToken cancellationToken)
    {
        try
        {
            return [await target.Namespace.Tasks.StartAsync(target.Id, start, cancellationToken).ConfigureAwait(false)];
        }
        catch (CtrException e) when (CheckpointQuestion.IsNo(e))
        {
            return [];
        }
    }

    private string? CheckpointOf(ContainerTarget target) =>
        CheckpointPath is not null ? ResolvePath(CheckpointPath) : (target.Item as CtrCheckpoint)?.Path;
}
