using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Network;

/// <summary>Remove-CtrNetwork, on a daemon.</summary>
public sealed class RemoveCtrNetworkTests(OneDaemon fixture) : IClassFixture<OneDaemon>, IDisposable
{
    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    // TODO: what it does, each of its errors, and what it leaves behind. The names of tests are sentences.
    [Fact]
    public void It_works()
    {
        _engine.Require($"$null = Connect-CtrSession {fixture.Daemon.Address}");
        Assert.NotEmpty(_engine.Require("Remove-CtrNetwork web"));
    }
}
