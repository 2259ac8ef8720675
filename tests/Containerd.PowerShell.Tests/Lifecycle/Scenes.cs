using System.Collections.Concurrent;

[assembly: AssemblyFixture(typeof(Containerd.PowerShell.Tests.Lifecycle.Scenes))]

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>The daemons that the lifecycle's tests share: one for each suite and runtime, started when the first test asks for it.</summary>
public sealed class Scenes : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Suite, string Runtime), Lazy<Task<Scene>>> _scenes = new();

    public Task<Scene> GetAsync(string suite = "bookworm", string runtime = "runc") =>
        _scenes.GetOrAdd((suite, runtime), static key => new(() => Scene.StartAsync(key.Suite, key.Runtime))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var scene in _scenes.Values)
        {
            if ((await Task.WhenAny(scene.Value)).IsCompletedSuccessfully) await (await scene.Value).DisposeAsync();
        }
    }
}
