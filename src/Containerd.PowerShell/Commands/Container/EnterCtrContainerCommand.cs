using System.Management.Automation;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Opens a shell in a running container, in this terminal.</summary>
[Cmdlet(VerbsCommon.Enter, "CtrContainer", SupportsShouldProcess = true)]
public sealed class EnterCtrContainerCommand : SessionCmdlet
{
    private static readonly string[] Shells = ["/bin/bash", "/bin/sh"];

    /// <inheritdoc cref="InvokeCtrExecCommand.Id"/>
    [Parameter(Position = 0)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNull]
    public object? Id { get; set; }

    /// <summary>Specifies a command to run instead of the shell, and its arguments: everything after --.</summary>
    [Parameter(Position = 1, ValueFromRemainingArguments = true)]
    [ArgumentCompleter(typeof(CommandWordCompleter))]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object?[] Command { get; set; } = [];

    /// <summary>Specifies a container, or a task of a container.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public object? InputObject { get; set; }

    /// <inheritdoc cref="InvokeCtrExecCommand.User"/>
    [Parameter]
    [ArgumentCompleter(typeof(UserCompleter))]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <inheritdoc cref="InvokeCtrExecCommand.WorkingDirectory"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <inheritdoc cref="InvokeCtrExecCommand.Env"/>
    [Parameter]
    public object[]? Env { get; set; }

    /// <inheritdoc cref="InvokeCtrExecCommand.Privileged"/>
    [Parameter]
    public SwitchParameter Privileged { get; set; }

    /// <summary>
    /// Specifies the keys that detach from the shell and leave it running; reattach with Connect-CtrTask -Attach. The output of the shell
    /// is then stored in a file, like that of a task. By default, there are no detach keys, and the shell ends when this command ends.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(DetachKeysCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? DetachKeys { get; set; }

    protected override void ProcessRecord()
    {
        if (MyInvocation.ExpectingInput)
        {
            // The container comes from the pipeline: all arguments belong to the command.
            Try(InputObject, () => Enter(TargetArgument.Read(InputObject, this), Id is null ? Command : [Id, .. Command]));
            return;
        }

        Try(Id, () => Enter(TargetArgument.Read(Id, this), Command));
    }

    private void Enter(ContainerTarget target, object?[] words)
    {
        ConsoleAccess.Require(this, "Enter-CtrContainer", $"Run a command with Invoke-CtrExec {target.Id} -- COMMAND.");
        var command = CommandLine.FromWords(words, this);
        if (!ShouldProcess(target.Shown, command.Count > 0 ? $"Run {command[0]}" : "Open a shell"))
            return;
        using var terminal = LocalTerminal.Take();
        var keys = DetachKeys is null ? null : Containerd.Host.DetachKeys.Parse(DetachKeys);
        try
        {
            if (command.Count > 0)
                Run(target, command, terminal, keys);
            else
                RunShell(target, terminal, keys);
        }
        catch (CtrException e)
        {
            SetExitCode(CommandExitCode.Of(e));
            throw;
        }
    }

    private void RunShell(ContainerTarget target, LocalTerminal terminal, DetachKeys? keys)
    {
        foreach (var shell in Shells)
        {
            try
            {
                Run(target, [shell], terminal, keys);
                return;
            }
            catch (CtrException e) when (e.ErrorId is ErrorIds.CommandNotFound or ErrorIds.CommandNotExecutable && e.Subject == shell)
            {
                WriteVerbose(e.Message);
            }
        }

        throw new CtrNotFoundException(
            $"Container '{target.Id}' has no shell that its user can run: neither {string.Join(" nor ", Shells)}."
        )
        {
            ErrorId = ErrorIds.ShellNotFound,
            Subject = target.Id,
            Remedy = $"Specify a command that it has: Enter-CtrContainer {target.Id} -- COMMAND.",
        };
    }

    private void Run(ContainerTarget target, IReadOnlyList<string> command, LocalTerminal terminal, DetachKeys? keys)
    {
        var execs = target.Namespace.Execs;
        var start = new ExecStartOptions
        {
            Options = new ExecOptions
            {
                Command = command,
                User = User,
                Cwd = WorkingDirectory,
                Env = EnvironmentArgument.Read(Env),
                Privileged = Privileged,
            },
        };
        CtrExit? exit;
        bool held;
        if (keys is null)
        {
            (exit, _, held) = Await(cancellationToken => execs.RunAsync(target.Id, start, terminal, cancellationToken));
        }
        else
        {
            (var process, (exit, held)) = Await(cancellationToken =>
                execs.StartAttachedAsync(target.Id, start, terminal, keys, cancellationToken)
            );
            if (exit is null)
                WriteInformation(TaskAttachment.Detached(target.Id, process.ExecId), ["PSHOST"]);
        }

        if (exit is not null)
            SetExitCode(exit.ExitCode);
        if (held)
            WriteWarning(ProcessPipeline.HeldStreams(target.Id));
    }
}
