using Containerd.Host.Files;
using Containerd.Testing;

namespace Containerd.Client.Tests.Files;

public sealed class TrustedFolderTests : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;

    // Others can get into it, as into /run.
    private readonly string _root = Directory.CreateTempSubdirectory("containerd-trusted-").FullName;

    public TrustedFolderTests() => File.SetUnixFileMode(_root, Everybody & ~(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));

    private string Folder => Path.Combine(_root, "module", "kind");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Every_created_folder_is_accessible_only_to_its_owner()
    {
        Assert.False(TrustedFolder.Check(_root, Folder));
        TrustedFolder.Make(_root, Folder);
        Assert.True(TrustedFolder.Check(_root, Folder));
        Assert.Equal(TrustedFolder.FolderMode, File.GetUnixFileMode(Path.GetDirectoryName(Folder)!));
        Assert.Equal(TrustedFolder.FolderMode, File.GetUnixFileMode(Folder));
        TrustedFolder.Write(Path.Combine(Folder, "file"), "x"u8);
        Assert.Equal(TrustedFolder.FileMode, File.GetUnixFileMode(Path.Combine(Folder, "file")));
        Assert.True(TrustedFolder.IsTrustedFile(Path.Combine(Folder, "file")));
    }

    [Fact]
    public async Task A_folder_of_another_user_or_that_others_can_write_to_or_a_link_is_rejected()
    {
        TrustedFolder.Make(_root, Folder);
        var middle = Path.GetDirectoryName(Folder)!;
        File.SetUnixFileMode(middle, Everybody);
        Refused("mode 0777");
        File.SetUnixFileMode(middle, TrustedFolder.FolderMode);
        await Shell.RunAsync("chown", "12345", Folder);
        Refused("12345");
        Directory.Delete(Folder);
        Directory.CreateSymbolicLink(Folder, "/nowhere");
        Refused("not a directory");

        void Refused(string why)
        {
            foreach (var use in new Action[] { () => TrustedFolder.Check(_root, Folder), () => TrustedFolder.Make(_root, Folder) })
            {
                var error = Assert.Throws<CtrPermissionException>(use);
                Assert.Equal(ErrorIds.UntrustedFolder, error.ErrorId);
                Assert.Contains(why, error.Message, StringComparison.Ordinal);
                Assert.NotNull(error.Remedy);
            }
        }
    }

    [Fact]
    public async Task A_program_is_trusted_by_the_path_that_no_other_user_can_change_and_not_by_a_link()
    {
        TrustedFolder.Make(_root, Folder);
        var program = Path.Combine(Folder, "program");
        File.Copy("/bin/true", program);
        Assert.Equal(program, TrustedFolder.TrustedProgram(program));

        // The folder of another user, who can exchange the links after they were followed: what is executed has none.
        var theirs = Path.Combine(_root, "theirs");
        Directory.CreateDirectory(theirs);
        var (link, folder) = (Path.Combine(theirs, "link"), Path.Combine(theirs, "folder"));
        File.CreateSymbolicLink(link, program);
        Directory.CreateSymbolicLink(folder, Folder);
        await Shell.RunAsync("chown", "--no-dereference", "12345", theirs, link, folder);
        Assert.Equal(program, TrustedFolder.TrustedProgram(link));
        Assert.Equal(program, TrustedFolder.TrustedProgram(Path.Combine(folder, "program")));

        var own = Path.Combine(theirs, "program");
        File.Copy("/bin/true", own);
        Assert.Null(TrustedFolder.TrustedProgram(own));
        await Shell.RunAsync("chown", "12345", program);
        Assert.Null(TrustedFolder.TrustedProgram(program));
        await Shell.RunAsync("chown", "0", program);
        File.SetUnixFileMode(Path.GetDirectoryName(Folder)!, Everybody);
        Assert.Null(TrustedFolder.TrustedProgram(program));
        Assert.Null(TrustedFolder.TrustedProgram(Path.Combine(_root, "none")));
    }

    [Fact]
    public void A_log_folder_that_was_created_with_umask_0_is_closed_to_others()
    {
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, Everybody);
        TrustedFolder.Make(_root, Folder, tighten: true);
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(Folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
    }

    [Fact]
    public void Below_a_folder_that_only_its_owner_can_enter_the_modes_do_not_matter()
    {
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, Everybody);
        File.SetUnixFileMode(_root, TrustedFolder.FolderMode);
        Assert.True(TrustedFolder.Check(_root, Folder));
    }

    [Fact]
    public async Task A_record_beside_a_socket_is_trusted_only_from_this_user_or_root()
    {
        TrustedFolder.Make(_root, Folder);
        var record = Path.Combine(Folder, "daemon.json");
        var socket = Path.Combine(Folder, "containerd.sock");
        await File.WriteAllTextAsync(record, """{ "Name": "x", "Path": "/somewhere" }""");
        Assert.Equal("/somewhere/logs", CtrDaemonFolder.DataRootFor(socket));
        await Shell.RunAsync("chown", "12345", record);
        Assert.Null(CtrDaemonFolder.DataRootFor(socket));
        await Shell.RunAsync("chown", "0", record);
        Assert.NotNull(CtrDaemonFolder.DataRootFor(socket));
        await Shell.RunAsync("chown", "12345", Folder);
        Assert.Null(CtrDaemonFolder.DataRootFor(socket));
    }
}
