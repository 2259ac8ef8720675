using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet for objects of a daemon that do not belong to a namespace: it resolves the session.</summary>
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

    /// <summary>The session of the parameter that is processed now; null without the parameter.</summary>
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
                ErrorId = ErrorIds.SeveralSessions,
                Remedy = "Run it once for each session: foreach ($session in $sessions) { … -Session $session }.",
            },
        };

    /// <summary>
    /// Resolves the connection: that of the parameter, or else of the object, or else the default. If no session is open, one is opened.
    /// </summary>
    internal ContainerdClient ResolveClient(CtrSession? from = null) =>
        SessionChoice.Find(NamedSession ?? from, work => Await(work), WriteVerbose);

    /// <summary>Runs the work for one item in each specified session; each failure is a separate error that names its session.</summary>
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
        // Items and objects of other sessions may succeed.
        Session.Length < 2
        && target is not ICtrObject { Session: not null }
        && base.IsFatal(error, target);

    /// <inheritdoc/>
    private protected override string? SessionLabel => _current?.Name;
}
