namespace Containerd;

/// <summary>When containerd starts a container again.</summary>
public enum CtrRestartMode
{
    /// <summary>Never.</summary>
    No,

    /// <summary>Whenever its task has ended, unless a client stopped it.</summary>
    Always,

    /// <summary>When its task has ended with an exit code other than 0, unless a client stopped it.</summary>
    OnFailure,

    /// <summary>Whenever its task has ended, unless a client stopped it.</summary>
    UnlessStopped,
}
