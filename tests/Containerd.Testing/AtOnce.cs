namespace Containerd.Testing;

/// <summary>The limit for what a test expects at once.</summary>
public static class AtOnce
{
    /// <summary>
    /// Half of the default timeout of a connection, so that it tells an immediate answer from one after a timeout, also on a busy machine.
    /// How fast something is belongs in bench/.
    /// </summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(5);
}
