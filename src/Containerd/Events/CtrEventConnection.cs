namespace Containerd;

/// <summary>The connection of an event subscription to one daemon: whether events can arrive, and since when.</summary>
[PipelineObject(nameof(State), nameof(Since), nameof(Message), Key = new[] { nameof(Session) }, Word = nameof(State), Depth = 2)]
public sealed class CtrEventConnection : EventArgs, ICtrObject
{
    /// <summary>Whether events can arrive.</summary>
    public CtrEventConnectionState State { get; set; }

    /// <summary>The start of this state, in local time.</summary>
    public DateTime Since { get; set; }

    /// <summary>The state in one sentence, with the daemon's address.</summary>
    public string Message { get; set; } = "";

    /// <inheritdoc/>
    public string? Namespace { get; set; }

    /// <inheritdoc/>
    public CtrSession? Session { get; set; }

    /// <summary>The state and the daemon.</summary>
    /// <returns>The message; the state if there is none.</returns>
    public override string ToString() => Message.Length > 0 ? Message : State.ToString();
}
