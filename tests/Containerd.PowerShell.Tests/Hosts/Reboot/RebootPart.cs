namespace Containerd.PowerShell.Tests.Hosts.Reboot;

/// <summary>
/// One capability over a reboot of the host: what is prepared before it, and what must be true afterwards. To add one, derive from this
/// class and list it in <see cref="RebootTests"/>.
/// </summary>
public abstract class RebootPart(VmFixture fixture) : VmTest(fixture)
{
    /// <summary>Creates what the reboot is to change or to keep.</summary>
    public abstract Task PrepareAsync();

    /// <summary>Checks it after the reboot. The daemons serve; the session still has the connection from before.</summary>
    public abstract Task VerifyAsync();
}
