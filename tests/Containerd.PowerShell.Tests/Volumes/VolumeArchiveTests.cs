using System.Formats.Tar;
using System.Text;
using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Volumes;

/// <summary>The files of volumes as archives, as GNU tar reads and writes them, and archives that try to leave the volume.</summary>
public sealed partial class VolumeArchiveTests(VolumeDaemon fixture) : IClassFixture<VolumeDaemon>, IDisposable
{
    private readonly Engine _engine = fixture.Open("archives");
    private readonly string _name = PrivateDaemon.Unique("v");
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-volumes-").FullName;

    private string Store => Path.Combine(fixture.Daemon.Daemon.Path, "volumes", "archives");

    public void Dispose()
    {
        _engine.Invoke("Clear-CtrVolume -All -Confirm:$false");
        _engine.Dispose();
        Shell.RunAsync("rm", "-rf", _folder).GetAwaiter().GetResult();
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("tar.gz")]
    [InlineData("tar.zst")]
    public async Task An_exported_volume_is_the_same_for_tar_and_after_an_import(string extension)
    {
        var path = _engine.Require<CtrVolume>($"New-CtrVolume {_name}").Path;
        var deep = string.Join('/', Enumerable.Repeat("a-directory-with-a-long-name", 12));
        await Shell.RunAsync(
            "sh",
            "-c",
            $"""
            cd {path} && mkdir -p '{deep}' empty && printf 'x' > '{deep}/ä ö' && printf 'y' > "$(printf 'not\377text')" && ln '{deep}/ä ö' hard
            ln -s '{deep}/../missing' link && mkfifo pipe && head -c 300000 /dev/urandom > big && truncate -s 5M sparse && printf z >> sparse
            chown 3000000000:7 big && chmod 6750 big && touch -h -d @1234567890.5 link big && touch -d @-5 hard && chmod 1770 . && chown 12:13 .
            touch -d '2001-02-03 04:05:06.789' empty && touch -d @999999999 .
            """
        );
        VolumeDaemon.SetAttribute(path + "/big", "user.note", "6B65707400");
        var file = $"{_folder}/v.{extension}";
        Assert.Equal(file, _engine.Require($"(Export-CtrVolume {_name} {file}).FullName").Single().ToString());
        var unpacked = Directory.CreateDirectory(_folder + "/unpacked").FullName;
        await Shell.RunAsync("tar", "--same-owner", "-p", "--xattrs", "--xattrs-include=*", "-xf", file, "-C", unpacked);
        Assert.Equal(await ListAsync(path), await ListAsync(unpacked));
        Assert.Equal("6B65707400", VolumeDaemon.Attribute(unpacked + "/big", "user.note"));
        var imported = _engine.Require<CtrVolume>($"[System.IO.FileInfo]'{file}' | Import-CtrVolume -Name {_name}-2 -Label a=b");
        Assert.Equal("b", imported.Labels["a"]);
        Assert.Equal(await ListAsync(path), await ListAsync(imported.Path));
        Assert.Equal("6B65707400", VolumeDaemon.Attribute(imported.Path + "/big", "user.note"));
        AssertError($"Import-CtrVolume {file} {_name}-2", ErrorIds.VolumeExists, _name + "-2");
        AssertError($"Export-CtrVolume {_name} {file} -NoClobber", ErrorIds.FileExists, file);
        // What GNU tar writes.
        await Shell.RunAsync("tar", "--format=gnu", "-S", "-cf", _folder + "/gnu.tar", "-C", path, ".");
        imported = _engine.Require<CtrVolume>($"Import-CtrVolume {_folder}/gnu.tar {_name}-3");
        // Its format has whole seconds.
        Assert.Equal(Fraction().Replace(await ListAsync(path), " "), Fraction().Replace(await ListAsync(imported.Path), " "));
    }

    [Fact]
    public async Task An_imported_volume_does_not_receive_the_content_of_an_image()
    {
        await Shell.RunAsync("tar", "-cf", _folder + "/empty.tar", "-C", Directory.CreateDirectory(_folder + "/empty").FullName, ".");
        _engine.Require(
            $"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}'; $null = Import-CtrVolume {_folder}/empty.tar {_name}"
        );
        var id = PrivateDaemon.Unique("c");
        _engine.Require($"New-CtrContainer {id} -Image {TestImages.Busybox} -Volume {_name}:/etc -- true; Remove-CtrContainer {id}");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Store, _name, "_data")));
    }

    [Theory]
    [InlineData("absolute", "/etc/", "not below its top")]
    [InlineData("up", "../", "not below its top")]
    [InlineData("inner", "a/../../", "not below its top")]
    [InlineData("link", "link/", "below a link")]
    [InlineData("hardlink", "", "below a link")]
    [InlineData("truncated", "", "ends too early")]
    [InlineData("text", "", "not a tar")]
    public void A_hostile_or_damaged_archive_is_rejected_and_leaves_nothing(string kind, string prefix, string about)
    {
        var file = $"{_folder}/{kind}.tar";
        var outside = Directory.CreateDirectory(_folder + "/outside").FullName;
        using (var tar = new TarWriter(File.Create(file), TarEntryFormat.Pax))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "a/"));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = outside });
            if (kind == "hardlink")
                tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "b") { LinkName = "link/passwd" });
            tar.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, prefix + "hostile")
                {
                    DataStream = new MemoryStream(Encoding.ASCII.GetBytes(new string('x', 1000))),
                }
            );
        }

        if (kind == "truncated")
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..2600]);
        if (kind == "text")
            File.WriteAllText(file, new string('t', 5000));
        if (kind == "hardlink")
            File.WriteAllText(outside + "/passwd", "");
        AssertError($"Import-CtrVolume {file} {_name}", ErrorIds.VolumeArchiveInvalid, about);
        Assert.Equal(kind == "hardlink" ? 1 : 0, Directory.GetFileSystemEntries(outside).Length);
        Assert.Empty(Directory.GetFileSystemEntries(Store));
        AssertError($"Import-CtrVolume {_folder}/nothing.tar {_name}", ErrorIds.FileNotFound, "nothing.tar");
    }

    [Fact]
    public void Devices_are_left_out_with_a_warning()
    {
        var file = _folder + "/device.tar";
        using (var tar = new TarWriter(File.Create(file), TarEntryFormat.Pax))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.BlockDevice, "disk") { DeviceMajor = 8, DeviceMinor = 0 });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "file"));
        }

        var done = _engine.Invoke($"Import-CtrVolume {file} {_name}");
        Assert.Contains("disk", Assert.Single(done.Warnings).Message, StringComparison.Ordinal);
        Assert.Equal(["file"], Directory.GetFileSystemEntries(Path.Combine(Store, _name, "_data")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Links_to_what_cannot_be_packed_are_left_out_and_the_archive_can_be_imported()
    {
        var path = _engine.Require<CtrVolume>($"New-CtrVolume {_name}").Path;
        await Shell.RunAsync("sh", "-c", $"cd {path} && mknod a c 1 3 && ln a b && mkfifo p && ln p q && ln -s x s && ln s t");
        var done = _engine.Invoke($"Export-CtrVolume {_name} {_folder}/v.tar");
        Assert.Contains("device", Assert.Single(done.Warnings).Message, StringComparison.Ordinal);
        var imported = _engine.Require<CtrVolume>($"Import-CtrVolume {_folder}/v.tar {_name}-2").Path;
        Assert.Equal(["p", "q", "s", "t"], Directory.GetFileSystemEntries(imported).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_the_error_and_not_the_volume()
    {
        // It can be opened, and reading it at its start fails.
        AssertError($"Import-CtrVolume /proc/self/mem {_name}", ErrorIds.FileNotReadable, "/proc/self/mem");
        Assert.Empty(_engine.Require("Get-CtrVolume"));
    }

    [GeneratedRegex(@"\.\d{10} ")]
    private static partial Regex Fraction();

    /// <summary>All items with their attributes; hard links by what they have in common.</summary>
    private static Task<string> ListAsync(string folder) =>
        Shell.RunAsync(
            "sh",
            "-c",
            $"cd '{folder}' && find . -printf '%p %y %m %U %G %l %n %T@ ' \\( -type f -printf '%s' -o -true \\) -printf '\\n' | LC_ALL=C sort && find . -type f -exec sha256sum {{}} + | LC_ALL=C sort"
        );

    private void AssertError(string script, string errorId, string about)
    {
        var done = _engine.Invoke(script);
        Assert.StartsWith(errorId + ",", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(about, done.Error.Exception.Message, StringComparison.Ordinal);
    }
}
