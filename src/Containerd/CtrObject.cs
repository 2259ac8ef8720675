namespace Containerd;

/// <summary>
/// The properties that every object of a daemon has: the session and the namespace that it came from. A cmdlet that receives the object
/// uses them.
/// </summary>
public abstract class CtrObject : ICtrObject
{
    /// <summary>
    /// The containerd namespace that contains the object; null on an object that the user created, which means the namespace of the
    /// session.
    /// </summary>
    public string? Namespace { get; set; }

    /// <summary>The session that the object came from; null on an object that the user created, which means the default session.</summary>
    public CtrSession? Session { get; set; }
}
