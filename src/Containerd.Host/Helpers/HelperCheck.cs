using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Processes;

namespace Containerd.Host.Helpers;

/// <summary>Runs a helper program once to find out whether the machine can execute it, and why it cannot.</summary>
[SupportedOSPlatform("linux")]
internal static class HelperCheck
{
    private const string SELinux = "/sys/fs/selinux/enforce";
    private const int Attempts = 50;

    // The remedies.
    private const string OtherFolder = "Folder";
    private const string OtherBuild = "Build";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks a program for its version.</summary>
    /// <param name="program">The program, which is trusted.</param>
    /// <param name="folder">The folder that a failure names.</param>
    /// <exception cref="CtrNotSupportedException">The machine cannot execute it (HelperNotExecutable).</exception>
    internal static HelperVersion Version(string program, string folder)
    {
        try
        {
            using var process = Start(program);
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill();
                throw Failed(folder, Cause($"it did not answer within {Patience.TotalSeconds:0} seconds"), OtherBuild);
            }

            return process.ExitCode == 0 && HelperVersion.Read(output.GetAwaiter().GetResult()) is { } version
                ? version
                : throw Failed(folder, CauseOf(process.ExitCode, error.GetAwaiter().GetResult()), OtherBuild);
        }
        catch (Win32Exception e)
        {
            var (cause, remedy) = CauseOf(e, program);
            throw Failed(folder, cause, remedy);
        }
    }

    private static Process Start(string program)
    {
        var start = HostProgram.Prepare(program, [HelperContract.VersionVerb]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return HostProgram.Start(start);
            }
            catch (Win32Exception e) when (e.NativeErrorCode == LibcFiles.ETXTBSY && attempt < Attempts)
            {
                // Another thread started a program while the file was being written: until that program runs, its process has the file
                // open.
                Thread.Sleep(10);
            }
        }
    }

    private static (string Cause, string Remedy) CauseOf(Win32Exception e, string program) =>
        e.NativeErrorCode switch
        {
            LibcMounts.EACCES when LibcFiles.IsMountedNoExec(program) => (
                "the file system of the folder is mounted with the option noexec",
                OtherFolder
            ),
            LibcMounts.EACCES or LibcMounts.EPERM when IsSELinuxEnforcing() => (
                "the security policy of this machine (SELinux) denies it",
                OtherFolder
            ),
            LibcMounts.EACCES or LibcMounts.EPERM => ("this user has no permission to execute files there", OtherFolder),
            LibcFiles.ENOEXEC => (
                Cause($"the program is not built for the processor of this machine ({RuntimeInformation.OSArchitecture})"),
                OtherBuild
            ),
            LibcMounts.ENOENT => ("the C library that it requires (glibc) is not installed on this machine", OtherBuild),
            _ => (e.Message.TrimEnd('.'), OtherBuild),
        };

    private static string CauseOf(int exitCode, string error)
    {
        var line = error.Trim().Split('\n')[0];
        return line.Contains("GLIBC_", StringComparison.Ordinal) || line.Contains("shared librar", StringComparison.Ordinal)
                ? $"the C library of this machine does not fit: {line}"
            : line.Length > 0 ? Cause($"it ended with exit code {exitCode}: {line}")
            : Cause($"it ended with exit code {exitCode}");
    }

    private static bool IsSELinuxEnforcing()
    {
        try
        {
            return File.Exists(SELinux) && File.ReadAllText(SELinux).StartsWith('1');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Cause(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static CtrNotSupportedException Failed(string folder, string cause, string remedy) =>
        new($"The helper program in '{folder}' cannot be executed: {cause}.")
        {
            ErrorId = ErrorIds.HelperNotExecutable,
            RemedyId = remedy,
            Subject = folder,
            Remedy =
                remedy == OtherFolder
                    ? "Connect with another folder for the helper program (HelperFolder), on a file system that permits execution."
                    : "Use a build for this machine, or a plain log without a size limit, which does not require the helper program.",
        };
}
