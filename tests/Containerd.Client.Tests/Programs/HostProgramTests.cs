using Containerd.Host.Processes;
using Containerd.Oci.Registry;
using Containerd.Testing;

namespace Containerd.Client.Tests.Programs;

public sealed class HostProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-programs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_rooted_entries_of_the_search_path_are_searched()
    {
        var name = PrivateDaemon.Unique("program");
        var here = Script(Path.Combine(Environment.CurrentDirectory, name), "true");
        try
        {
            Assert.Null(HostProgram.Find(name, ".::"));
            Assert.Null(HostProgram.Find(name, Path.GetRelativePath("/", Environment.CurrentDirectory)));
            Assert.Null(HostProgram.Find($"./{name}", "."));
            var there = Script(Path.Combine(_folder, name), "true");
            Assert.Equal(there, HostProgram.Find(name, $".:{_folder}"));
            File.SetUnixFileMode(there, UnixFileMode.UserRead);
            Assert.Null(HostProgram.Find(name, _folder));
        }
        finally
        {
            File.Delete(here);
        }
    }

    [Fact]
    public void A_child_gets_no_relative_entries_of_the_search_path()
    {
        var folders = HostProgram.SearchPath([_folder]).Split(':');
        Assert.Equal(_folder, folders[0]);
        Assert.Contains("/usr/bin", folders);
        Assert.All(folders, folder => Assert.StartsWith("/", folder, StringComparison.Ordinal));
        Assert.All(HostProgram.Prepare("/bin/true", []).Environment["PATH"]!.Split(':'), folder =>
            Assert.StartsWith("/", folder, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_bare_name_is_refused() =>
        Assert.Throws<ArgumentException>(() => HostProgram.Start(new("true") { UseShellExecute = false }));

    [Fact]
    public async Task A_credential_helper_in_the_current_folder_is_not_run()
    {
        var name = PrivateDaemon.Unique("trap");
        var marker = Path.Combine(_folder, "ran");
        var trap = Script(Path.Combine(Environment.CurrentDirectory, "docker-credential-" + name), $"touch {marker}; echo '{{}}'");
        try
        {
            var error = await Assert.ThrowsAsync<CtrException>(() =>
                CredentialHelper.GetAsync(name, "registry.test", CancellationToken.None)
            );
            Assert.Equal(ErrorIds.CredentialHelperFailed, error.ErrorId);
            Assert.False(File.Exists(marker));
        }
        finally
        {
            File.Delete(trap);
        }
    }

    private static string Script(string path, string text)
    {
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
