namespace Containerd;

/// <summary>Anything that came out of a daemon, and knows where it came from.</summary>
public interface ICtrObject
{
    /// <summary>The containerd namespace that the object lives in; null on an object made by hand, which means the session's own.</summary>
    public string? Namespace { get; }

    /// <summary>The session that the object came from; null on an object made by hand, which means the default session.</summary>
    public CtrSession? Session { get; }
}
