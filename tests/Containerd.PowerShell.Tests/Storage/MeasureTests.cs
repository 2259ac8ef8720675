using System.Globalization;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>The measured figures, and that reclaimable space is freed.</summary>
public sealed class MeasureTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Suites => ["bookworm", "sid"];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Reclaimable_content_is_removed_with_unused_images(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        // Content that no other namespace of the shared daemon has.
        var layer = Path.Combine(space.Folder, "file");
        await File.WriteAllBytesAsync(
            layer,
            System.Security.Cryptography.RandomNumberGenerator.GetBytes(50_000),
            TestContext.Current.CancellationToken
        );
        var ours = await ChangedImageAsync(space, layer);
        space.Engine.Require(
            $"""
            $null = Import-CtrImage '{ours}' -Name used
            $null = New-CtrContainer web -Image used
            $null = Import-CtrContent '{layer}'
            """
        );
        var before = Rows(space);
        Assert.Equal(["Content", "Images", "Ingests", "Snapshots/overlayfs"], before.Keys.Order());
        Assert.Equal((1, 1), (before["Images"].Count, before["Images"].InUse));
        Assert.Equal(0, before["Images"].Reclaimable);
        Assert.Equal(4, before["Content"].Count);
        Assert.Equal(before["Content"].Count, before["Content"].InUse);
        Assert.Equal(0, before["Content"].Reclaimable);
        Assert.Equal((2, 2), (before["Snapshots/overlayfs"].Count, before["Snapshots/overlayfs"].InUse));
        Assert.Equal(
            long.Parse(space.Text("[string](Get-CtrContent | Measure-It Size)"), CultureInfo.InvariantCulture),
            before["Content"].Size
        );
        Assert.Equal(
            long.Parse(space.Text("[string](Get-CtrSnapshot -Usage | Measure-It Size)"), CultureInfo.InvariantCulture),
            before["Snapshots/overlayfs"].Size
        );

        // Without its container the image is not in use; with a snapshot of its own the layers stay, and the blobs go.
        space.Engine.Require("Remove-CtrContainer web; $null = New-CtrSnapshot mine -Image used");
        var unused = Rows(space);
        Assert.Equal((1, 0), (unused["Images"].Count, unused["Images"].InUse));
        Assert.Equal((4, 1), (unused["Content"].Count, unused["Content"].InUse));
        Assert.Equal(unused["Images"].Reclaimable, unused["Content"].Reclaimable);
        Assert.Equal(unused["Content"].Size - 50_000, unused["Content"].Reclaimable);
        Assert.Equal(0, unused["Snapshots/overlayfs"].Reclaimable);

        // A lease keeps them too.
        space.Engine.Require(
            "$lease = New-CtrLease held; Use-CtrLease -Id held { $null = Import-CtrContent -Value (Export-CtrContent (Get-CtrContent -Kind Manifest)) }"
        );
        Assert.Equal(0, Rows(space)["Content"].Reclaimable);
        space.Engine.Require("Remove-CtrLease held");

        space.Engine.Require("Remove-CtrSnapshot mine");
        var all = Rows(space);
        Assert.Equal(all["Snapshots/overlayfs"].Size, all["Snapshots/overlayfs"].Reclaimable);
        Assert.Equal(all["Images"].Size, all["Images"].Reclaimable);
        foreach (
            var (command, said) in new[]
            {
                ("Measure-CtrStorage", "Measuring snapshots: 1 of 1"),
                ("Clear-CtrImage -Confirm:$false", "Measuring snapshots: 1 of 1"),
            }
        )
        {
            var progress = space.Engine.Invoke(command).Progress;
            Assert.Contains(progress, p => p.StatusDescription == said && p.Activity.EndsWith(space.Namespace, StringComparison.Ordinal));
            Assert.Equal(ProgressRecordType.Completed, progress[^1].RecordType);
        }

        var after = Rows(space);
        Assert.Equal(all["Content"].Size - all["Content"].Reclaimable, after["Content"].Size);
        Assert.Equal(0, after["Content"].Reclaimable);
        Assert.DoesNotContain("Snapshots/overlayfs", after.Keys);
        Assert.Equal(0, after["Images"].Count);
    }

    [Fact]
    public async Task A_blob_that_another_namespace_has_frees_nothing()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm");
        var text = $"only here {Guid.NewGuid()}";
        space.Engine.Require(
            $"$null = New-CtrLease first -Expiry 1h; Use-CtrLease -Id first {{ $b = Import-CtrContent -Value '{text}' }}; $null = Import-CtrContent -Value '{text}' -Namespace {space.Namespace}-other"
        );
        space.Engine.Require("$null = Import-CtrContent -Value 'x' ; $null = $b | Set-CtrContent -Label @{ a = 'b' }");
        // In the other namespace its removal would free nothing, because this one has it.
        space.Engine.Require($"Set-CtrContent $b.Digest -Namespace {space.Namespace}-other -Label @{{ 'containerd.io/gc.root' = $null }}");
        var other = space.Engine.Require<CtrStorageUsage>(
            $"Get-CtrNamespace {space.Namespace}-other | Measure-CtrStorage | Where-Object Kind -eq Content"
        );
        Assert.Equal((1, 0, (long)text.Length, 0L), (other.Count, other.InUse, other.Size, other.Reclaimable));
        space.Engine.Require($"Remove-CtrNamespace {space.Namespace}-other -Force -Confirm:$false");
    }

    [Fact]
    public async Task An_empty_namespace_uses_no_space()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm");
        Assert.Equal(["Images 0B", "Content 0B", "Ingests 0B"], space.Texts("Measure-CtrStorage"));
    }

    private static Dictionary<string, CtrStorageUsage> Rows(StorageSpace space) =>
        space
            .Engine.Require(
                "function Measure-It([Parameter(ValueFromPipeline)]$item, [Parameter(Position = 0)]$name) { begin { $sum = 0 } process { $sum += $item.$name } end { $sum } }; Measure-CtrStorage"
            )
            .Select(r => (CtrStorageUsage)r.BaseObject)
            .ToDictionary(r => r.Snapshotter.Length > 0 ? $"{r.Kind}/{r.Snapshotter}" : $"{r.Kind}");

    /// <summary>An archive of an image with one layer, which holds a file.</summary>
    private static async Task<string> ChangedImageAsync(StorageSpace space, string file)
    {
        var tar = Path.Combine(space.Folder, "image.tar");
        await Shell.RunAsync(
            "bash",
            "-ec",
            $$$"""
            cd '{{{space.Folder}}}'; mkdir -p l/blobs/sha256; tar -cf layer.tar file
            put() { local d; d=$(sha256sum "$1" | cut -d' ' -f1); cp "$1" "l/blobs/sha256/$d"; echo "sha256:$d"; }
            layer=$(put layer.tar)
            printf '{"architecture":"amd64","os":"linux","config":{"Cmd":["x"]},"rootfs":{"type":"layers","diff_ids":["%s"]}}' "$layer" > config
            config=$(put config)
            printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%s}]}' "$config" "$(stat -c %s config)" "$layer" "$(stat -c %s layer.tar)" > manifest
            manifest=$(put manifest)
            printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s}]}' "$manifest" "$(stat -c %s manifest)" > l/index.json
            printf '{"imageLayoutVersion":"1.0.0"}' > l/oci-layout
            tar -C l -cf '{{{tar}}}' .
            """
        );
        return tar;
    }
}
