using System.Collections.Concurrent;
using Containerd.Client.Tests.Images;
using Containerd.Oci;

namespace Containerd.Client.Tests.Registry;

/// <summary>Helper methods for pulls in tests.</summary>
internal static class Pulls
{
    /// <summary>Options with short waits, and without the credentials of the user who runs the tests.</summary>
    public static RegistryOptions Quick { get; } =
        new()
        {
            Timeout = TimeSpan.FromSeconds(10),
            RetryDelay = TimeSpan.FromMilliseconds(5),
            DockerConfigDirectory = "/nonexistent",
        };

    public static Task<CtrImage> PullAsync(
        this ImageSpace space,
        string name,
        RegistryOptions? registry = null,
        ImagePullOptions? options = null,
        Watch? watch = null,
        CancellationToken cancellationToken = default
    ) =>
        space.Namespace.Images.PullAsync(
            name,
            new ImagePullOptions
            {
                Registry = registry ?? Quick,
                Platforms = options?.Platforms ?? [],
                AllPlatforms = options?.AllPlatforms ?? false,
                Unpack = options?.Unpack ?? true,
                Snapshotter = options?.Snapshotter,
                Labels = options?.Labels ?? new Dictionary<string, string>(),
                Parallel = options?.Parallel ?? 3,
                Method = options?.Method ?? CtrTransferMethod.Client,
                Warn = options?.Warn,
            },
            watch,
            cancellationToken
        );

    /// <summary>Names and labels of the leases, of content that is being written, and nothing else.</summary>
    public static async Task<(List<string> Leases, List<string> Ingests)> UnfinishedAsync(this ImageSpace space) =>
        (
            [.. (await space.CtrAsync("leases", "list")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)],
            [.. (await space.CtrAsync("content", "active")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)]
        );

    /// <summary>There are no unfinished writes, and no content of an image is garbage.</summary>
    public static async Task AssertWholeAsync(this ImageSpace space)
    {
        await space.AssertFinishedAsync();
        await space.CollectAsync();
        Assert.Contains("complete", await space.CtrAsync("images", "check"), StringComparison.Ordinal);
    }

    public static async Task AssertFinishedAsync(this ImageSpace space)
    {
        var (leases, ingests) = await space.UnfinishedAsync();
        Assert.Empty(leases);
        Assert.Empty(ingests);
    }
}

/// <summary>Receives the progress of a transfer on the thread that reports it.</summary>
internal sealed class Watch(Action<ImageProgress>? told = null) : IProgress<ImageProgress>
{
    public ConcurrentQueue<ImageProgress> All { get; } = new();

    /// <summary>The offset at which the transfer of a blob started.</summary>
    public long StartOf(string digest) => All.First(p => p.Item == digest && p.Stage == ImageProgressStage.Downloading).Done;

    public void Report(ImageProgress value)
    {
        All.Enqueue(value);
        told?.Invoke(value);
    }
}
