namespace Containerd;

/// <summary>The state of a <see cref="CtrSession"/>.</summary>
public enum CtrSessionState
{
    /// <summary>The session can be used; it outlives restarts of its daemon.</summary>
    Opened,

    /// <summary>The session was closed by Disconnect-CtrSession or by the removal of the module.</summary>
    Closed,
}
