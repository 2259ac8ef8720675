namespace Containerd.PowerShell.Tests.Hosts.Reboot;

/// <summary>
/// What a host keeps over a reboot, and that nothing is used of what it loses. A reboot takes a minute, so all parts share one.
/// </summary>
[Collection(VmFixture.Name)]
public sealed class RebootTests(VmFixture fixture)
{
    [Fact]
    public async Task Everything_that_is_stored_survives_a_reboot_and_nothing_that_ran_is_listed()
    {
        Assert.SkipWhen(fixture.Obstacle is not null, fixture.Obstacle ?? "");
        RebootPart[] parts = [new RebootOfContainers(fixture), new RebootOfNetworks(fixture)];
        try
        {
            foreach (var part in parts)
            {
                await part.InitializeAsync();
                await part.PrepareAsync();
            }

            await fixture.RebootAsync();
            foreach (var part in parts)
                await part.VerifyAsync();
        }
        finally
        {
            foreach (var part in parts)
                await part.DisposeAsync();
        }
    }
}
