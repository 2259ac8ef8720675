using Containerd.Host.Mounts;

namespace Containerd.Client.Tests.Mounts;

/// <summary>How long the options of an overlay may be.</summary>
public sealed class OverlayOptionsTests
{
    [Theory]
    [InlineData(4095, true)]
    [InlineData(4096, false)]
    public void They_fit_into_the_smallest_page_whatever_the_page_of_this_machine(int length, bool fits)
    {
        var layer = "/" + new string('a', length - "lowerdir=/".Length);
        Assert.Equal(fits, OverlayOptions.Parse([$"lowerdir={layer}"]).Fits);
    }
}
