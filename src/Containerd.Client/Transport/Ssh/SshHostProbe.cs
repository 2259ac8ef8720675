using System.ComponentModel;
using System.Diagnostics;
using Containerd.Host;
using Containerd.Host.Processes;

namespace Containerd.Client.Transport.Ssh;

/// <summary>
/// What containerd's API does not report about its host, from one command that runs there. It is another login, so it is run once for a
/// session, and only when the answer is needed. A host that does not run commands for this user stays unknown.
/// </summary>
internal static class SshHostProbe
{
    private const string Mark = "cgroup-file-system=";

    /// <summary>One word for each argument, and no syntax of a shell: the user's shell there may be any.</summary>
    private static readonly string Command = $"stat -f -c {Mark}%t /sys/fs/cgroup";

    /// <summary>Determines the version of the host's cgroup file system.</summary>
    /// <param name="address">The SSH host.</param>
    /// <param name="options">Additional options for ssh.</param>
    /// <param name="timeout">The time limit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The version; unknown if the host does not report it.</returns>
    internal static async Task<CgroupVersion> CgroupVersionAsync(
        ContainerdAddress address,
        SshOptions options,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        // A second prompt for the same session would surprise the user.
        if (SshArguments.Asks || HostProgram.Find("ssh") is not { } ssh)
            return CgroupVersion.Unknown;
        string[] words = [.. SshArguments.Login(address, options, timeout), "-o", "ClearAllForwardings=yes", "--", address.Host!, Command];
        var start = HostProgram.Prepare(ssh, words);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var deadline = new Deadline(cancellationToken);
        deadline.Start(timeout);
        try
        {
            using var process = HostProgram.Start(start);
            try
            {
                process.StandardInput.Close();
                // Messages of the login are not of interest, and must not fill the pipe.
                var messages = process.StandardError.ReadToEndAsync(deadline.Token);
                var output = await process.StandardOutput.ReadToEndAsync(deadline.Token).ConfigureAwait(false);
                await messages.ConfigureAwait(false);
                await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
                return Read(output);
            }
            finally
            {
                Kill(process);
            }
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            return CgroupVersion.Unknown;
        }
        catch (Exception e) when (e is IOException or Win32Exception)
        {
            return CgroupVersion.Unknown;
        }
    }

    /// <summary>The version by the number of the file system's type, which may be among other output of the login.</summary>
    internal static CgroupVersion Read(string output)
    {
        var type = output
            .Split('\n')
            .Select(line => line.Trim())
            .LastOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal))
            ?[Mark.Length..];
        return type switch
        {
            // CGROUP2_SUPER_MAGIC
            "63677270" => CgroupVersion.V2,
            // TMPFS_MAGIC, with a folder for each controller; CGROUP_SUPER_MAGIC
            "1021994" or "27e0eb" => CgroupVersion.V1,
            _ => CgroupVersion.Unknown,
        };
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has just exited.
        }
    }
}
