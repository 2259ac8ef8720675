using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that talks to daemons about what belongs to no namespace: it knows which session is meant.</summary>
public abstract class DaemonCmdlet : CtrCmdlet
{
    private CtrSession? _current;

    /// <summary>
    /// Specifies the sessions to use, by name or as objects, one after another. By default, the session of the input object is used, or
    /// else the default session.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [SessionTransformation]
    [ValidateNotNullOrEmpty]
    public CtrSession[] Session { get; set; } = [];

    /// <summary>The one session that the parameter means at the moment; null where it names none.</summary>
    private protected CtrSession? NamedSession =>
        _current
        ?? Session switch
        {
            [] => null,
            [var only] => only,
            _ => throw new CtrArgumentException(
                $"{MyInvocation.MyCommand.Name} works in one session at a time, but {Session.Length} sessions are specified."
            )
            {
                ErrorId = "SeveralSessions",
                Remedy = "Run it once for each session: foreach ($session in $sessions) { … -Session $session }.",
            },
        };

    /// <summary>
    /// The connection that is meant: the parameter's, else that of the object, else the default. With no session open, one is opened.
    /// </summary>
    internal ContainerdClient ResolveClient(CtrSession? from = null) =>
        SessionChoice.Find(NamedSession ?? from, work => Await(work), WriteVerbose);

    /// <summary>
    /// Does the work for one item in each session that was named; each failure is an error of its own, which names its session.
    /// </summary>
    /// <returns>Whether all succeeded.</returns>
    private protected bool TryPerSession(object? target, Action work)
    {
        if (Session.Length < 2 || _current is not null)
            return Try(target, work);
        var succeeded = true;
        foreach (var session in Session.Distinct())
        {
            _current = session;
            try
            {
                succeeded &= Try(target, work);
            }
            finally
            {
                _current = null;
            }
        }

        return succeeded;
    }

    /// <inheritdoc/>
    private protected override bool IsFatal(CtrException error, object? target) =>
        // Other sessions' items may fare better, and so may objects of other sessions.
        Session.Length < 2
        && target is not ICtrObject { Session: not null }
        && base.IsFatal(error, target);

    /// <inheritdoc/>
    private protected override string? Place => _current?.Name;
}
