namespace Containerd;

/// <summary>
/// What every object of a daemon carries: the session and namespace that it came from, where cmdlets act when they are handed it.
/// </summary>
public abstract class CtrObject : ICtrObject
{
    /// <summary>The containerd namespace that the object lives in; null on an object made by hand, which means the session's own.</summary>
    public string? Namespace { get; set; }

    /// <summary>The session that the object came from; null on an object made by hand, which means the default session.</summary>
    public CtrSession? Session { get; set; }
}
