using System.Collections.Concurrent;
using Containerd.Testing;

[assembly: AssemblyFixture(typeof(Containerd.PowerShell.Tests.Lifecycle.Scenes))]

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>
/// The daemons that the lifecycle's tests share: one for each suite and runtime, started when the first test asks for it.
/// </summary>
public sealed class Scenes : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Suite, string Runtime), Lazy<Task<Scene>>> _scenes = new();

    public Task<Scene> GetAsync(string suite = "bookworm", string runtime = "runc") =>
        _scenes.GetOrAdd((suite, runtime), static key => new(() => Scene.StartAsync(key.Suite, key.Runtime))).Value;

    /// <summary>A daemon that finds CRIU; the later suites' have one at hand.</summary>
    public async Task<Scene> WithCriuAsync(string suite)
    {
        if (suite != "bookworm")
            return await GetAsync(suite);
        return await _scenes.GetOrAdd((suite, "runc with criu"), _ => new(() => StartWithCriuAsync(suite))).Value;
    }

    /// <summary>One that finds CRIU, for a test that ends its daemon.</summary>
    public static async Task<Scene> StartWithCriuAsync(string suite)
    {
        if (suite != "bookworm")
            return await Scene.StartAsync(suite, "runc");
        var folder = await Criu.FolderAsync();
        return await Scene.StartAsync(suite, "runc", options => options.SearchPath = [folder]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var scene in _scenes.Values)
        {
            if ((await Task.WhenAny(scene.Value)).IsCompletedSuccessfully)
                await (await scene.Value).DisposeAsync();
        }
    }
}
