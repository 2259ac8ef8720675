using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Starts containers: creates the task of each container and starts it. Corresponds to libcontainerd's Start.</summary>
[Cmdlet(VerbsLifecycle.Start, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrTask), typeof(string))]
public sealed class StartCtrTaskCommand : TaskStartCmdlet, IAttachParameters
{
    /// <summary>
    /// Specifies a checkpoint of the container from which the task resumes: a directory or an archive. A checkpoint object from the
    /// pipeline specifies its own path.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CheckpointPath { get; set; }

    /// <inheritdoc cref="RestoreCtrContainerCommand.Force"/>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Attaches this console to the task: shows its output and, if the task has a terminal, sends it your keystrokes. The attachment ends
    /// when the task exits or you type the detach keys; without a terminal, Ctrl+C detaches. Detaching leaves the task running.
    /// </summary>
    [Parameter]
    public SwitchParameter Attach { get; set; }

    /// <summary>
    /// With -Attach, gives a task without a terminal standard input and sends it your input from this console; Ctrl+D ends the input.
    /// </summary>
    [Parameter]
    public SwitchParameter Interactive { get; set; }

    /// <inheritdoc/>
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
                    "Omit -Width and -Height."
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
    /// <returns>The task; nothing if the user answered no.</returns>
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
