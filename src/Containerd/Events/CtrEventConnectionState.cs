namespace Containerd;

/// <summary>Whether events can arrive.</summary>
public enum CtrEventConnectionState
{
    /// <summary>The daemon answers, and its events arrive.</summary>
    Listening,

    /// <summary>The daemon does not answer or is not running. The subscription waits until it answers again.</summary>
    Waiting,
}
