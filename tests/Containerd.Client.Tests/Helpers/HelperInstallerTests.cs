using System.Globalization;
using Containerd.Host.Helpers;
using Containerd.Testing;

namespace Containerd.Client.Tests.Helpers;

/// <summary>The helper program in a folder where containerd's shim can start it.</summary>
public sealed class HelperInstallerTests : IDisposable
{
    private readonly HelperFolder _folder = new();

    private string Installed => _folder.Installer.Path;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_program_is_copied_once_and_only_its_owner_can_write_it()
    {
        _folder.Installer.Install(HelperFolder.Built);
        Assert.Equal(Path.Combine(_folder.Folder, "containerd-helper-1"), Installed);
        Assert.Equal(["containerd-helper-1"], _folder.Names);
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(Installed));
        Assert.Equal(File.ReadAllBytes(HelperFolder.Built), File.ReadAllBytes(Installed));

        var before = InodeOf(Installed);
        _folder.Installer.Install(HelperFolder.Built);
        Assert.Equal(before, InodeOf(Installed));
    }

    [Fact]
    public void A_program_that_lost_its_content_or_its_permission_is_installed_again()
    {
        _folder.Installer.Install(HelperFolder.Built);
        File.WriteAllText(Installed, "#!/bin/sh\nexit 1\n");
        _folder.Installer.Install(HelperFolder.Built);
        _folder.Installer.Check();
        File.SetUnixFileMode(Installed, UnixFileMode.UserRead);
        _folder.Installer.Install(HelperFolder.Built);
        _folder.Installer.Check();
    }

    [Theory]
    [InlineData("0.0.1", false)]
    [InlineData("99.0.0", true)]
    public void A_newer_build_replaces_an_older_one_and_never_the_other_way(string installed, bool stays)
    {
        var other = _folder.Fake(installed);
        File.Move(other, Ready());
        _folder.Installer.Install(HelperFolder.Built);
        Assert.Equal(!stays, File.ReadAllBytes(Installed).AsSpan().SequenceEqual(File.ReadAllBytes(HelperFolder.Built)));
        Assert.Equal(["containerd-helper-1"], _folder.Names);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(1, true)]
    public void Of_two_builds_with_the_same_version_the_later_one_counts(int hours, bool stays)
    {
        var built = File.GetLastWriteTimeUtc(HelperFolder.Built);
        File.Move(_folder.Fake(HelperProgram.BuildVersion.ToString(), built.AddHours(hours)), Ready());
        _folder.Installer.Install(HelperFolder.Built);
        Assert.Equal(!stays, HelperProgram.AreEqual(Installed, HelperFolder.Built));
    }

    [Fact]
    public void The_programs_of_earlier_versions_and_of_other_contracts_stay()
    {
        var others = new[] { "containerd-logger-0123456789abcdef", "containerd-helper-0", "containerd-helper-2" };
        Ready();
        foreach (var other in others)
            File.WriteAllText(Path.Combine(_folder.Folder, other), other);
        // A copy that a killed process left behind does not.
        File.WriteAllText(Installed + ".0123", "rest");
        _folder.Installer.Install(HelperFolder.Built);
        Assert.Equal(others.Append("containerd-helper-1").Order(StringComparer.Ordinal), _folder.Names);
    }

    [Fact]
    public async Task A_program_of_an_earlier_version_is_removed_unless_it_is_named_or_runs()
    {
        string[] former = ["containerd-helper-0", "containerd-logger-named", "containerd-logger-running", "containerd-logger-unused"];
        string[] others = ["containerd-helper-1", "containerd-helper-2", "notes"];
        Ready();
        foreach (var name in former.Concat(others))
            File.Copy("/bin/sleep", Path.Combine(_folder.Folder, name));
        using var running = System.Diagnostics.Process.Start(Path.Combine(_folder.Folder, "containerd-logger-running"), "1000");
        try
        {
            var helpers = new FormerHelpers(_folder.Folder);
            Assert.Equal(former, helpers.Names);
            helpers.Remove(name => name == "containerd-logger-named");
            Assert.Equal(["containerd-logger-named", "containerd-logger-running"], helpers.Names);
            Assert.Equal(others.Concat(helpers.Names).Order(StringComparer.Ordinal), _folder.Names);
        }
        finally
        {
            running.Kill();
            await running.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Several_processes_can_install_at_the_same_time()
    {
        // A file lock belongs to an open file: threads exclude each other as processes do.
        var builds = Enumerable.Range(1, 8).Select(n => _folder.Fake(Version(n))).ToList();
        await Task.WhenAll(
            builds
                .Append(HelperFolder.Built)
                .Select(build => Task.Factory.StartNew(() => _folder.Installer.Install(build), TaskCreationOptions.LongRunning))
        );
        Assert.Equal(["containerd-helper-1"], _folder.Names);
        _folder.Installer.Check();

        static string Version(int n) => string.Create(CultureInfo.InvariantCulture, $"{HelperProgram.BuildVersion.ToString(3)}.{n}");
    }

    [Fact]
    public async Task A_program_that_runs_can_be_replaced()
    {
        var old = _folder.Script("[ \"$1\" = version ] || exec sleep 1000", DateTime.UtcNow);
        File.Move(old, Ready());
        using var running = System.Diagnostics.Process.Start(Installed, "log");
        try
        {
            // Until then, the shell that interprets the script still opens it by its path.
            await Eventually.TrueAsync(() => File.ReadAllText($"/proc/{running.Id}/comm") == "sleep\n");
            _folder.Installer.Install(HelperFolder.Built);
            _folder.Installer.Check();
            Assert.False(running.HasExited);
        }
        finally
        {
            running.Kill(entireProcessTree: true);
            await running.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void A_program_for_another_processor_is_not_installed()
    {
        // The ELF header's machine.
        var error = Refused(_folder.PatchedAt(18, 0xF0, 0x0D), "Build");
        Assert.Contains("is not built for the processor of this machine", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_without_the_C_library_or_with_one_that_is_too_old_is_named()
    {
        var missing = Refused(_folder.Patched("ld-linux", "ld-nosuc"), "Build");
        Assert.Contains("the C library that it requires (glibc) is not installed", missing.Message, StringComparison.Ordinal);
        var old = Refused(_folder.Patched("libc.so.6\0", "libq.so.6\0"), "Build");
        Assert.Contains("libq.so.6", old.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_fails_is_not_installed_and_its_reason_is_shown()
    {
        var error = Refused(_folder.Script("echo no luck >&2; exit 5"), "Build");
        Assert.Contains("it ended with exit code 5: no luck", error.Message, StringComparison.Ordinal);
        Refused(_folder.Script("echo another program"), "Build");
    }

    /// <summary>Makes the folder.</summary>
    /// <returns>The path of the program there.</returns>
    private string Ready()
    {
        Directory.CreateDirectory(_folder.Folder, (UnixFileMode)0b111_000_000);
        return Installed;
    }

    private CtrNotSupportedException Refused(string program, string remedy)
    {
        var error = Assert.Throws<CtrNotSupportedException>(() => _folder.Installer.Install(program));
        Assert.Equal(ErrorIds.HelperNotExecutable, error.ErrorId);
        Assert.Equal(remedy, error.RemedyId);
        Assert.Equal(_folder.Folder, error.Subject);
        Assert.Empty(_folder.Names);
        return error;
    }

    private static Host.Native.FileIdentity InodeOf(string path)
    {
        Assert.True(Host.Native.LibcMounts.TryStat(path, followLinks: false, out var stat));
        return stat.Identity;
    }
}
