using System.ComponentModel;
using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Logs;
using Containerd.Host.Processes;

namespace Containerd.Client.Workloads.Networks;

/// <summary>Runs a verb of the helper program that works in the namespaces of the daemon.</summary>
[SupportedOSPlatform("linux")]
internal static class HelperVerb
{
    /// <summary>Runs it.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="host">The daemon.</param>
    /// <param name="verb">The verb, whose argument is the process id of the daemon.</param>
    /// <param name="input">The standard input.</param>
    /// <param name="read">Reads the standard output; null if it is not an answer.</param>
    /// <param name="failed">The error for a program, and why it gave no answer.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A program that runs is killed.</param>
    /// <returns>The answer.</returns>
    internal static async Task<T> RunAsync<T>(
        RecordScope ns,
        NetworkHost host,
        string verb,
        byte[] input,
        Func<byte[], T?> read,
        Func<string, string, Exception?, CtrException> failed,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var (root, folder) = new StateFolders(ns.Connection).Helper;
        var program = await Task.Run(() => LogHelper.Install(root, folder), cancellationToken).ConfigureAwait(false);
        var start = HostProgram.Prepare(program, [verb, host.Daemon.Pid.ToString(CultureInfo.InvariantCulture)]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Start();
        try
        {
            using var output = new MemoryStream();
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
            await process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (read(output.ToArray()) is { } answer)
                return answer;
            var why = (await error.ConfigureAwait(false)).Trim();
            throw failed(program, why.Length > 0 ? why : "it gave no answer", null);
        }
        catch (IOException e)
        {
            throw failed(program, e.Message.TrimEnd('.'), e);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        System.Diagnostics.Process Start()
        {
            try
            {
                return HostProgram.Start(start);
            }
            catch (Win32Exception e)
            {
                throw failed(program, e.Message.TrimEnd('.'), e);
            }
        }
    }
}
