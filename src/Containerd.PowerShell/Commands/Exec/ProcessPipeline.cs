using System.Diagnostics;
using System.Management.Automation;
using System.Text;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Joins a process's streams to the pipeline's, and makes of its exit what a shell's user expects.</summary>
internal sealed class ProcessPipeline
{
    private readonly CtrCmdlet _cmdlet;
    private readonly IProcessParameters _parameters;
    private readonly Func<Action, CancellationToken, ValueTask> _post;
    private readonly LineSplitter _stdout = new();
    private readonly LineSplitter _stderr = new();
    private readonly List<string> _keptLines = [];
    private readonly List<string> _keptErrors = [];
    private readonly List<byte[]> _chunks = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    internal ProcessPipeline(CtrCmdlet cmdlet, IProcessParameters parameters, Func<Action, CancellationToken, ValueTask> post)
    {
        _cmdlet = cmdlet;
        _parameters = parameters;
        _post = post;
    }

    /// <summary>Raw output comes as one value in the end, and so does what -PassThru's result carries.</summary>
    private bool Collects => _parameters.Raw || (_parameters.PassThru && _parameters.AsByteStream);

    internal ProcessIo Io(IAsyncEnumerable<ReadOnlyMemory<byte>>? input) => new()
    {
        Stdin = input,
        Terminal = _parameters.Tty,
        Stdout = TakeOutput,
        Stderr = TakeError,
    };

    /// <summary>Back on the pipeline's thread: writes what is left, sets $LASTEXITCODE, and reports a failure after all output.</summary>
    internal void Report(ProcessOutcome outcome)
    {
        WriteRest();
        var exit = outcome.Exit;
        var result = new CtrExecResult
        {
            ContainerId = exit.ContainerId,
            ExecId = exit.ExecId,
            Pid = exit.Pid,
            ExitCode = exit.ExitCode,
            ExitedAt = exit.ExitedAt,
            TimedOut = outcome.TimedOut,
            Duration = _clock.Elapsed,
            Namespace = exit.Namespace,
            Session = exit.Session,
        };
        if (_parameters.PassThru)
        {
            result.Output = Collects ? Collected() : _keptLines.ToArray();
            result.ErrorOutput = [.. _keptErrors];
        }
        else if (Collects)
        {
            _cmdlet.WriteObject(Collected());
        }

        _cmdlet.SetExitCode(exit.ExitCode);
        if (outcome.StreamsHeld)
            _cmdlet.WriteWarning(HeldStreams(exit.ContainerId));
        if (_parameters.PassThru)
            _cmdlet.WriteObject(result);
        else if (Failure(outcome) is CtrException failure)
            _cmdlet.WriteError(ErrorRecords.From(failure, result));
    }

    /// <summary>Back on the pipeline's thread: writes the last lines, where the process did not end them.</summary>
    internal void WriteRest()
    {
        if (_stdout.End() is string lastLine)
            WriteLine(lastLine);
        if (_stderr.End() is string lastError)
            WriteError(lastError);
    }

    internal static string HeldStreams(string containerId) =>
        $"The process in '{containerId}' has ended, but another one that it left behind holds its output open: what that one writes is not shown.";

    private CtrException? Failure(ProcessOutcome outcome)
    {
        var exit = outcome.Exit;
        if (outcome.TimedOut)
        {
            return new CtrTimeoutException($"The process in container '{exit.ContainerId}' was killed: its time was over after {_clock.Elapsed.TotalSeconds:0.0} s.")
            {
                ErrorId = "ProcessTimedOut",
                Subject = exit.ContainerId,
            };
        }

        if (exit.ExitCode is null)
        {
            return new CtrProcessExitedException($"The process in container '{exit.ContainerId}' ended, and its exit code was lost: the daemon was away, or its task went at the same moment.")
            {
                ErrorId = "ExitCodeUnknown",
                Exit = exit,
            };
        }

        return _parameters.AllowExitCode.Contains(exit.ExitCode.Value) ? null : new CtrProcessExitedException(
            $"The process in container '{exit.ContainerId}' exited with code {exit.ExitCode}.") { Exit = exit };
    }

    private async ValueTask TakeOutput(ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        if (Collects)
        {
            _chunks.Add(chunk.ToArray());
            return;
        }

        await _post(
            () =>
            {
                if (_parameters.AsByteStream)
                    _cmdlet.WriteObject(chunk.ToArray(), enumerateCollection: true);
                else
                    WriteLines(_stdout.Add(chunk.Span), WriteLine);
            },
            cancellation).ConfigureAwait(false);
    }

    private ValueTask TakeError(ReadOnlyMemory<byte> chunk, CancellationToken cancellation) =>
        _post(() => WriteLines(_stderr.Add(chunk.Span), WriteError), cancellation);

    private static void WriteLines(IReadOnlyList<string> lines, Action<string> write)
    {
        foreach (var line in lines)
            write(line);
    }

    private void WriteLine(string line)
    {
        if (_parameters.PassThru)
            _keptLines.Add(line);
        else
            _cmdlet.WriteObject(line);
    }

    private void WriteError(string line)
    {
        if (_parameters.PassThru)
        {
            _keptErrors.Add(line);
            return;
        }

        switch (_parameters.StandardError)
        {
            case CtrStandardError.Output:
                WriteLine(line);
                break;
            case CtrStandardError.Error:
                _cmdlet.WriteError(new ErrorRecord(new CtrException(line) { ErrorId = "StandardError" }, "StandardError", ErrorCategory.FromStdErr, line));
                break;
            case CtrStandardError.Information:
                // Tagged as Write-Host's records are, which hosts show whatever $InformationPreference says.
                _cmdlet.WriteInformation(new HostInformationMessage { Message = line }, ["PSHOST", "StandardError"]);
                break;
        }
    }

    private object Collected()
    {
        var bytes = new byte[_chunks.Sum(c => (long)c.Length)];
        var at = 0;
        foreach (var chunk in _chunks)
        {
            chunk.CopyTo(bytes, at);
            at += chunk.Length;
        }

        return _parameters.AsByteStream ? bytes : new UTF8Encoding(false).GetString(bytes);
    }
}
