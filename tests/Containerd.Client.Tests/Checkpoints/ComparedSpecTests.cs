using Containerd.Client.Records;
using Containerd.Client.Workloads.Checkpoints;

namespace Containerd.Client.Tests.Checkpoints;

/// <summary>Which parts of two specs have to be the same for a checkpoint of one container to be restored in the other.</summary>
public sealed class ComparedSpecTests
{
    private static readonly MountedImage Image = new("/x", "tools:1", "data", ["nodev"], "sha256:top", "native", "view-1");

    [Fact]
    public void Of_a_bound_image_the_layers_and_the_path_count_and_not_the_folder()
    {
        var saved = Compare(Mount("bind", "/snapshots/1"), Image);
        Assert.Equal(saved, Compare(Mount("bind", "/snapshots/2", "rro"), Image with { View = "view-2", Image = "tools:2" }));
        foreach (
            var other in new[]
            {
                Image with
                {
                    Parent = "sha256:other",
                },
                Image with
                {
                    SubPath = "",
                },
                Image with
                {
                    Options = [],
                },
                Image with
                {
                    Target = "/y",
                },
            }
        )
            Assert.NotEqual(saved, Compare(Mount("bind", "/snapshots/1"), other));
        // CRIU mounts the former folders of an overlay.
        Assert.NotEqual(
            Compare(Mount("overlay", "overlay", "lowerdir=/1:/2"), Image),
            Compare(Mount("overlay", "overlay", "lowerdir=/1:/3"), Image)
        );
        Assert.NotEqual(saved, Compare(Mount("overlay", "overlay", "lowerdir=/1:/2"), Image));
    }

    [Fact]
    public void Other_mounts_are_compared_as_they_are()
    {
        Assert.NotEqual(Compare(Mount("bind", "/a"), null), Compare(Mount("bind", "/b"), null));
        Assert.NotEqual(Compare(Mount("bind", "/a"), Image), Compare(Mount("bind", "/a"), null));
        Assert.Equal(Compare(Mount("bind", "/a"), null), Compare(Mount("bind", "/a"), null));
    }

    private static string Compare(CtrSpecMount mount, MountedImage? image) =>
        CheckpointFolder.Comparable(
            new CtrSpec { Mounts = [mount] }.ToJson(indented: false),
            ImageMountLabels.Of(image is null ? [] : [image]).ToDictionary()
        );

    private static CtrSpecMount Mount(string type, string source, params string[] options) =>
        new()
        {
            Destination = "/x",
            Type = type,
            Source = source,
            Options = options,
        };
}
