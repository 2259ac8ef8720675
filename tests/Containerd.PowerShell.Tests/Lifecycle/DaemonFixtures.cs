using System.Collections.Concurrent;
using Containerd.Testing;

[assembly: AssemblyFixture(typeof(Containerd.PowerShell.Tests.Lifecycle.DaemonFixtures))]

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>
/// The daemons that the lifecycle's tests share: one for each suite and runtime, started when the first test asks for it.
/// </summary>
public sealed class DaemonFixtures : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Suite, string Runtime), Lazy<Task<DaemonFixture>>> _fixtures = new();

    public Task<DaemonFixture> GetAsync(string suite = "bookworm", string runtime = "runc") =>
        _fixtures.GetOrAdd((suite, runtime), static key => new(() => DaemonFixture.StartAsync(key.Suite, key.Runtime))).Value;

    /// <summary>A daemon that finds CRIU; the later suites' have one at hand.</summary>
    public async Task<DaemonFixture> WithCriuAsync(string suite)
    {
        if (suite != "bookworm")
            return await GetAsync(suite);
        return await _fixtures.GetOrAdd((suite, "runc with criu"), _ => new(() => StartWithCriuAsync(suite))).Value;
    }

    /// <summary>One that finds CRIU, for a test that ends its daemon.</summary>
    public static async Task<DaemonFixture> StartWithCriuAsync(string suite)
    {
        if (suite != "bookworm")
            return await DaemonFixture.StartAsync(suite, "runc");
        var folder = await Criu.FolderAsync();
        return await DaemonFixture.StartAsync(suite, "runc", options => options.SearchPath = [folder]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var fixture in _fixtures.Values)
        {
            if ((await Task.WhenAny(fixture.Value)).IsCompletedSuccessfully)
                await (await fixture.Value).DisposeAsync();
        }
    }
}
