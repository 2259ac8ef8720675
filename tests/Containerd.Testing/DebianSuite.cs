using System.Collections.Concurrent;

namespace Containerd.Testing;

/// <summary>containerd, its shim and the runtimes of a later Debian suite, unpacked beside the machine's own.</summary>
public static class DebianSuite
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Folders = new();

    /// <summary>The folder of a suite; its <c>bin</c> goes first in a daemon's search path.</summary>
    public static Task<string> FolderAsync(string suite) =>
        Folders
            .GetOrAdd(suite, static name => new(async () => (await Shell.RunAsync(Repository.Fixture("debian-suite.sh"), name)).Trim()))
            .Value;
}
