namespace Containerd;

/// <summary>An object that came from a daemon and knows its session and namespace.</summary>
public interface ICtrObject
{
    /// <summary>
    /// The containerd namespace that contains the object; null on an object that the user created, which means the namespace of the
    /// session.
    /// </summary>
    public string? Namespace { get; }

    /// <summary>The session that the object came from; null on an object that the user created, which means the default session.</summary>
    public CtrSession? Session { get; }
}
