using System.Management.Automation;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>
/// Attaches the user of a cmdlet to a background process. A process with a terminal uses this one; otherwise its output goes to the
/// pipeline as lines, and with -Interactive the input of the console goes to the process.
/// </summary>
internal sealed class TaskAttachment
{
    private readonly CtrCmdlet _cmdlet;
    private readonly IAttachParameters _parameters;
    private readonly Func<Func<CancellationToken, Task<AttachOutcome>>, AttachOutcome> _run;
    private readonly Func<Action, CancellationToken, ValueTask> _post;
    private readonly DetachKeys? _keys;

    internal TaskAttachment(
        CtrCmdlet cmdlet,
        IAttachParameters parameters,
        Func<Func<CancellationToken, Task<AttachOutcome>>, AttachOutcome> run,
        Func<Action, CancellationToken, ValueTask> post
    )
    {
        _cmdlet = cmdlet;
        _parameters = parameters;
        _run = run;
        _post = post;
        _keys = parameters.DetachKeys is null ? DetachKeys.Default : DetachKeys.Parse(parameters.DetachKeys);
    }

    /// <summary>Rejects parameters that require -Attach.</summary>
    internal static void RequireAttach(PSCmdlet cmdlet, params string[] names)
    {
        if (names.Where(cmdlet.MyInvocation.BoundParameters.ContainsKey).ToList() is not { Count: > 0 } given)
            return;
        throw ConflictingParameters.Error(
            $"{string.Join(" and ", given.Select(n => "-" + n))} {(given.Count > 1 ? "go" : "goes")} with -Attach alone.",
            "Give -Attach too."
        );
    }

    /// <summary>Runs the attachment: a failure sets the exit code, as for a command that cannot start.</summary>
    internal void Do(Action work)
    {
        try
        {
            work();
        }
        catch (CtrException e)
        {
            _cmdlet.SetExitCode(CommandExitCode.Of(e));
            throw;
        }
    }

    /// <summary>Attaches to a running process.</summary>
    internal void Connect(ContainerTarget target, string? execId, bool terminal, int? tail)
    {
        var options = new AttachOptions
        {
            ExecId = execId,
            Tail = tail,
            DetachKeys = _keys,
        };
        var tasks = target.Namespace.Tasks;
        Run(
            target,
            execId,
            terminal,
            (local, cancellationToken) => tasks.AttachAsync(target.Id, options, local, cancellationToken),
            (io, cancellationToken) => tasks.AttachAsync(target.Id, options, io, cancellationToken)
        );
    }

    /// <summary>Starts a task and attaches to it.</summary>
    internal void Start(ContainerTarget target, TaskStartOptions start, bool terminal)
    {
        var options = new AttachOptions { DetachKeys = _keys };
        var tasks = target.Namespace.Tasks;
        Run(
            target,
            null,
            terminal,
            (local, cancellationToken) => tasks.StartAttachedAsync(target.Id, start, options, local, cancellationToken),
            (io, cancellationToken) => tasks.StartAttachedAsync(target.Id, start, io, cancellationToken)
        );
    }

    /// <summary>The message for a user who has detached.</summary>
    internal static HostInformationMessage Detached(string containerId, string? execId)
    {
        var what = execId is null ? Words.Quoted(containerId) : $"{Words.Quoted(containerId)} -ExecId {Words.Quoted(execId)}";
        return new HostInformationMessage { Message = $"Detached; the process keeps running. To reattach: Connect-CtrTask {what} -Attach" };
    }

    private void Run(
        ContainerTarget target,
        string? execId,
        bool terminal,
        Func<LocalTerminal, CancellationToken, Task<AttachOutcome>> inTerminal,
        Func<ProcessIo, CancellationToken, Task<AttachOutcome>> asLines
    )
    {
        var outcome = Run(target, terminal, inTerminal, asLines);
        if (outcome.Exit is null)
            _cmdlet.WriteInformation(Detached(target.Id, execId), ["PSHOST"]);
        else
            _cmdlet.SetExitCode(outcome.Exit.ExitCode);
        if (outcome.StreamsHeld)
            _cmdlet.WriteWarning(ProcessPipeline.HeldStreams(target.Id));
    }

    private AttachOutcome Run(
        ContainerTarget target,
        bool terminal,
        Func<LocalTerminal, CancellationToken, Task<AttachOutcome>> inTerminal,
        Func<ProcessIo, CancellationToken, Task<AttachOutcome>> asLines
    )
    {
        if (terminal)
        {
            ConsoleAccess.Require(
                _cmdlet,
                $"Attaching to '{target.Id}', which has a terminal,",
                $"Get-CtrLog {target.Id} shows its output, Send-CtrInput writes to it."
            );
            using var screen = LocalTerminal.Take();
            return _run(cancellationToken => inTerminal(screen, cancellationToken));
        }

        if (_parameters.Interactive)
            ConsoleAccess.RequireInput(_cmdlet);
        using var local = _parameters.Interactive ? LocalTerminal.Take() : null;
        var process = new ProcessPipeline(_cmdlet, new ConsoleStreams(tty: false), _post);
        var io = process.Io(local?.ReadInputAsync());
        var outcome = _run(cancellationToken => asLines(io, cancellationToken));
        process.WriteRest();
        return outcome;
    }
}
