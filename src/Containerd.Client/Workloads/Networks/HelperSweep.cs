using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Logs;
using Containerd.Host.Helpers;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;

namespace Containerd.Client.Workloads.Networks;

/// <summary>Runs the verb of the helper program that removes leftovers, in the namespaces of the daemon.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HelperSweep(RecordScope ns, NetworkHost host)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="CtrRuntimeException">The program failed (NetworkSweepFailed).</exception>
    internal async Task<SweepReport> RunAsync(SweepRequest request, CancellationToken cancellationToken)
    {
        var (root, folder) = new StateFolders(ns.Connection).Helper;
        var program = await Task.Run(() => LogHelper.Install(root, folder), cancellationToken).ConfigureAwait(false);
        var start = HostProgram.Prepare(program, [HelperContract.NetworkSweepVerb, host.Daemon.Pid.ToString(CultureInfo.InvariantCulture)]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = HostProgram.Start(start);
        try
        {
            using var output = new MemoryStream();
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.BaseStream.WriteAsync(request.Write(), cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
            await process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return SweepReport.Read(output.ToArray()) ?? throw Failed(program, (await error.ConfigureAwait(false)).Trim(), null);
        }
        catch (IOException e)
        {
            throw Failed(program, e.Message.TrimEnd('.'), e);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static CtrRuntimeException Failed(string program, string why, Exception? cause) =>
        new(
            $"The helper program '{program}' could not remove what stopped containers left behind: "
                + $"{(why.Length > 0 ? why : "it gave no answer")}.",
            cause
        )
        {
            ErrorId = ErrorIds.NetworkSweepFailed,
            Subject = program,
            Remedy = "Try again; the helper program can be run only by root.",
        };
}
