using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Volumes;

/// <summary>What a read-only bind does with the mounts below its source.</summary>
public sealed class BindRecursionTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const string Try = "-- sh -c 'touch /x/y && echo top; touch /x/sub/y && echo sub; ls /x/sub'";

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Mounts_below_a_read_only_source_are_read_only_unless_they_may_be_written(string suite)
    {
        Use(await DaemonFixtures.GetAsync(suite));
        Assert.SkipWhen(Environment.OSVersion.Version < new Version(5, 12), "The kernel cannot make mounts read-only recursively.");
        var source = Directory.CreateDirectory(Path.Combine(Folder, "source")).FullName;
        var below = Directory.CreateDirectory(Path.Combine(source, "sub")).FullName;
        var old = Path.Combine(Folder, "old-runtime");
        await File.WriteAllTextAsync(old, "#!/bin/sh\n[ \"$1\" = features ] && exit 1\nexec runc \"$@\"\n");
        await Shell.RunAsync("chmod", "+x", old);
        await Shell.RunAsync("mount", "-t", "tmpfs", "tmpfs", below);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(below, "file"), "");
            Engine.Require($"$null = $ExecutionContext.SessionState.Path.SetLocation('{Folder}')");
            var bind = $"type=bind,source={source},target=/x,readonly";
            foreach (
                var (mount, expected) in new[]
                {
                    ($"-Mount '{bind}'", "file"),
                    ($"-Volume {source}:/x:ro", "file"),
                    ($"-Volume {source}:/x:rro", "file"),
                    ($"-Volume '{source}:/x:rro,nodev'", "file"),
                    ($"-Mount '{bind},bind-recursive=readonly'", "file"),
                    ($"-Mount '{bind},bind-recursive=disabled'", ""),
                    ($"-Mount '{bind},bind-propagation=rslave'", "sub,file,y"),
                    ($"-Mount '{bind},bind-recursive=writable'", "sub,file,y"),
                    ($"-Mount '{bind.Replace(Folder, ".", StringComparison.Ordinal)},bind-recursive=writable'", "sub,file,y"),
                    ($"-Mount '{bind}' -RuntimeOption @{{ BinaryName = '{old}' }}", "sub,file,y"),
                }
            )
                Assert.Equal((mount, expected), (mount, Text($"Invoke-CtrContainer {Busybox} {mount} {Try}")));
            Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Volume {source}:/x -- true");
            Assert.Equal("file,y", Text($"Invoke-CtrContainer {Busybox} -VolumesFrom {Id}:ro {Try}"));
            foreach (
                var (recursion, expected) in new[]
                {
                    ("writable", "sub,file,y"),
                    ("readonly", "file,y"),
                    ("disabled", ""),
                    ("enabled", "file,y"),
                }
            )
            {
                var from = $"{Id}-{recursion}";
                Engine.Require($"New-CtrContainer {from} -Image {Busybox} -Mount '{bind},bind-recursive={recursion}' -- true");
                Assert.Equal((recursion, expected), (recursion, Text($"Invoke-CtrContainer {Busybox} -VolumesFrom {from} {Try}")));
            }

            foreach (
                var how in new[]
                {
                    $"-Mount '{bind},bind-recursive=readonly'",
                    $"-Volume {source}:/x:rro",
                    $"-Volume {Id}-data:/x:rro",
                    $"-VolumesFrom {Id}-readonly",
                }
            )
            {
                var line = $"New-CtrContainer {Id}-2 -Image {Busybox} {how} -RuntimeOption @{{ BinaryName = '{old}' }} -- true";
                AssertError(Engine.Invoke(line).Error, ErrorIds.MountNotSupported, "NewCtrContainer", ErrorCategory.NotImplemented);
                await AssertGoneAsync($"{Id}-2");
            }

            Assert.Empty(Engine.Require($"Get-CtrVolume {Id}*"));
            Assert.Contains(
                "rro",
                Engine
                    .Require<CtrSpec>($"New-CtrSpec {Id} -Image {Busybox} -Mount '{bind},bind-recursive=readonly' -- true")
                    .Mounts!.Single(m => m.Destination == "/x")
                    .Options!
            );
        }
        finally
        {
            await Shell.RunAsync("umount", "-l", below);
        }
    }

    [Theory]
    [InlineData("type=bind,source=/a,target=/b,bind-recursive=readonly", "requires readonly")]
    [InlineData("type=bind,source=/a,target=/b,bind-recursive=writable", "requires readonly")]
    [InlineData("type=bind,source=/a,target=/b,ro,bind-recursive=readonly,bind-propagation=rslave", "rprivate")]
    [InlineData("type=volume,source=data,target=/b,bind-recursive=disabled", "only to binds")]
    [InlineData("type=bind,source=/a,target=/b,bind-recursive=disabled,option=rbind", "the option rbind contradicts")]
    [InlineData("type=bind,source=/a,target=/b,ro,bind-recursive=readonly,option=bind", "the option bind contradicts")]
    [InlineData("type=bind,source=/a,target=/b,ro,bind-recursive=writable,option=rro", "the option rro contradicts")]
    [InlineData("type=bind,source=/a,target=/b,bind-recursive=1", "writable or readonly")]
    public void What_cannot_be_combined_is_one_error(string mount, string told)
    {
        var error = Assert.Throws<CtrArgumentException>(() => CtrMount.Parse(mount));
        Assert.Equal(ErrorIds.InvalidMount, error.ErrorId);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a:/b:rro", "type=bind,source=/a,target=/b,readonly,bind-recursive=readonly")]
    [InlineData("data:/b:rro,nodev", "type=volume,source=data,target=/b,readonly,bind-recursive=readonly,option=nodev")]
    [InlineData("type=bind,source=/a,target=/b,option=rro", "type=bind,source=/a,target=/b,readonly,bind-recursive=readonly")]
    [InlineData("type=tmpfs,target=/b,option=rro", "type=tmpfs,target=/b,option=rro")]
    public void The_option_rro_is_the_same_as_a_recursion(string given, string expected)
    {
        Assert.Equal(expected, CtrMount.Parse(given).ToString());
        Assert.Equal(expected, CtrMount.Parse(expected).ToString());
        Assert.Throws<CtrArgumentException>(() => CtrMount.Parse("/a:/b:rro,rslave"));
    }

    [Fact]
    public void It_is_written_as_it_is_read()
    {
        const string Mount = "type=bind,source=/a,target=/b,readonly,bind-recursive=writable";
        Assert.Equal(Mount, CtrMount.Parse(Mount).ToString());
    }

    private string Text(string script) => string.Join(',', Engine.Require(script).Select(line => line.ToString()));
}
