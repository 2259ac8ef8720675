using System.Text.Json;
using Containerd.Oci.Layouts;

namespace Containerd.Client.Tests.Registry;

/// <summary>The folder of an OCI image layout when several processes create it.</summary>
public sealed class LayoutFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-layout-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Several_pulls_can_create_the_same_layout_at_the_same_time()
    {
        for (var round = 0; round < 50; round++)
        {
            var path = Path.Combine(_folder, $"{round}");
            using var start = new ManualResetEventSlim();
            var pulls = Enumerable
                .Range(0, 8)
                .Select(_ =>
                    Task.Factory.StartNew(
                            () =>
                            {
                                start.Wait();
                                return LayoutFolder.OpenAsync(path, default);
                            },
                            TestContext.Current.CancellationToken,
                            TaskCreationOptions.LongRunning,
                            TaskScheduler.Default
                        )
                        .Unwrap()
                )
                .ToArray();
            start.Set();
            await Task.WhenAll(pulls);
            using var version = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(path, "oci-layout")));
            Assert.Equal("1.0.0", version.RootElement.GetProperty("imageLayoutVersion").GetString());
            Assert.Equal(["blobs", "oci-layout"], Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName).Order());
        }
    }

    [Fact]
    public async Task What_a_killed_pull_left_in_an_empty_folder_does_not_stop_the_next_one()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, ".ctr-export-0123456789abcdef0123456789abcdef"), "");
        await LayoutFolder.OpenAsync(_folder, default);
        Assert.True(File.Exists(Path.Combine(_folder, "oci-layout")));
    }

    [Fact]
    public async Task A_folder_with_other_files_is_refused_and_stays_as_it_is()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "letter.txt"), "");
        var error = await Assert.ThrowsAsync<CtrConflictException>(() => LayoutFolder.OpenAsync(_folder, default));
        Assert.Equal(ErrorIds.LayoutInvalid, error.ErrorId);
        Assert.Equal(["letter.txt"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }
}
