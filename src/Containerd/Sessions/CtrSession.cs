namespace Containerd;

/// <summary>
/// A handle on one connection to one containerd daemon. The connection itself is part of the client; a handle that crossed a process
/// boundary (a job, remoting) no longer has one and is rejected with an error that says so.
/// </summary>
[PipelineObject(
    nameof(Id),
    nameof(Name),
    nameof(State),
    nameof(Namespace),
    nameof(Version),
    nameof(Address),
    Key = new[] { nameof(Name) },
    Depth = 1
)]
public sealed class CtrSession
{
    /// <summary>The session's number in this process, counted from 1.</summary>
    public int Id { get; set; }

    /// <summary>The session's name, by which <c>Get-CtrSession</c> and <c>-Session</c> completion find it.</summary>
    public string Name { get; set; } = "";

    /// <summary>The daemon's address, such as <c>unix:///run/containerd/containerd.sock</c>.</summary>
    public string Address { get; set; } = "";

    /// <summary>The containerd namespace that cmdlets use by default.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Whether the session can be used.</summary>
    public CtrSessionState State { get; set; }

    /// <summary>The daemon's version when the session was opened, such as <c>1.6.20</c>.</summary>
    public string Version { get; set; } = "";

    /// <summary>The session's name, or else its address.</summary>
    /// <returns>The name by which a person knows the session.</returns>
    public override string ToString() => Name.Length > 0 ? Name : Address;
}
