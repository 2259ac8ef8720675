using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Connects the streams of a process to the pipeline, and reports its exit as users of a shell expect.</summary>
internal sealed class ProcessPipeline
{
    /// <summary>The maximum size of output that is collected for one value or one result, in bytes.</summary>
    private const long MostKept = 512L << 20;

    private readonly CtrCmdlet _cmdlet;
    private readonly IProcessParameters _parameters;
    private readonly Func<Action, CancellationToken, ValueTask> _post;
    private readonly LineSplitter _stdout = new();
    private readonly LineSplitter _stderr = new();
    private readonly List<string> _keptLines = [];
    private readonly List<string> _keptErrors = [];
    private readonly List<byte[]> _chunks = [];
    private readonly NativeStandardError? _native;
    private long _keptBytes;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    internal ProcessPipeline(CtrCmdlet cmdlet, IProcessParameters parameters, Func<Action, CancellationToken, ValueTask> post)
    {
        _cmdlet = cmdlet;
        _parameters = parameters;
        _post = post;
        _native = parameters is { StandardError: CtrStandardError.Information, PassThru.IsPresent: false }
            ? NativeStandardError.For(cmdlet)
            : null;
    }

    /// <summary>Raw output is returned as one value at the end, as is the output in the result of -PassThru.</summary>
    private bool Collects => _parameters.Raw || (_parameters.PassThru && _parameters.AsByteStream);

    internal ProcessIo Io(IAsyncEnumerable<ReadOnlyMemory<byte>>? input) =>
        new()
        {
            Stdin = input,
            Terminal = _parameters.Tty,
            Stdout = TakeOutput,
            Stderr = TakeError,
        };

    /// <summary>
    /// On the pipeline's thread: writes the remaining output, sets $LASTEXITCODE, and reports a failure after all output.
    /// </summary>
    /// <exception cref="CtrException">The process did not start, and no result is requested.</exception>
    internal void Report(ProcessResult result)
    {
        WriteRest();
        if (result.Outcome is { } outcome)
            Report(outcome);
        else
            Report(result.Failure!, result.Target);
    }

    private void Report(CtrException failure, ContainerTarget target)
    {
        var code = CommandExitCode.Of(failure);
        _cmdlet.SetExitCode(code);
        if (!_parameters.PassThru || !CommandExitCode.IsTheCommands(failure))
            ExceptionDispatchInfo.Throw(failure);
        _cmdlet.WriteObject(
            new CtrExecResult
            {
                ContainerId = target.Id,
                ExitCode = code,
                ErrorId = failure.ErrorId,
                Duration = _clock.Elapsed,
                Output = Collects ? Collected() : _keptLines.ToArray(),
                // The text that a shell would have written.
                ErrorOutput = [.. _keptErrors, failure.Message],
                Namespace = target.Namespace.Namespace,
                Session = target.Namespace.Session,
            }
        );
    }

    private void Report(ProcessOutcome outcome)
    {
        var exit = outcome.Exit;
        var result = new CtrExecResult
        {
            ContainerId = exit.ContainerId,
            ExecId = exit.ExecId,
            Pid = exit.Pid,
            ExitCode = exit.ExitCode,
            ExitedAt = exit.ExitedAt,
            OomKilled = exit.OomKilled,
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
        if (_stdout.Split + _stderr.Split > 0)
            _cmdlet.WriteWarning(SplitLines(exit.ContainerId));
        if (_parameters.PassThru)
            _cmdlet.WriteObject(result);
        else if (Failure(outcome) is CtrException failure)
            _cmdlet.WriteError(ErrorRecords.From(failure, result));
    }

    /// <summary>On the pipeline's thread: writes the last lines if the process did not terminate them.</summary>
    internal void WriteRest()
    {
        if (_stdout.End() is string lastLine)
            WriteLine(lastLine);
        _native?.End();
        if (_stderr.End() is string lastError)
            WriteError(lastError);
    }

    internal static string HeldStreams(string containerId) =>
        $"The process in '{containerId}' has ended, but another one that it left behind holds its output open: what that one writes "
        + "is not shown.";

    private static string SplitLines(string containerId) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The process in '{containerId}' wrote a line of more than {LineSplitter.DefaultLength} characters, which was split "
                + $"into several lines. -AsByteStream returns the exact output."
        );

    /// <summary>Output that is returned as one value or one result must fit into memory.</summary>
    private void Keep(int bytes)
    {
        if (Interlocked.Add(ref _keptBytes, bytes) > MostKept)
        {
            throw new CtrDataException($"The process wrote more than {new CtrSize(MostKept)}, which is too much to return as one value.")
            {
                ErrorId = ErrorIds.OutputTooLarge,
                Remedy = "Omit -Raw and -PassThru to get the output while it comes, or write it to a file with -OutFile.",
            };
        }
    }

    private CtrException? Failure(ProcessOutcome outcome)
    {
        var exit = outcome.Exit;
        if (outcome.TimedOut)
        {
            var (time, id) = ($"{_clock.Elapsed.TotalSeconds:0.0} s", exit.ContainerId);
            return new CtrTimeoutException(
                exit switch
                {
                    { ExitCode: not null } => $"The process in container '{id}' was killed because it exceeded its time limit of {time}.",
                    { Pid: > 0 } => $"The process in container '{id}' is being killed because it exceeded its time limit, and the shim of "
                        + $"container '{id}' has not reported its end after {time}.",
                    _ => $"The process in container '{id}' was not started: the daemon answers, but the shim of container '{id}' has "
                        + $"not started it after {time}.",
                }
            )
            {
                ErrorId = ErrorIds.ProcessTimedOut,
                Subject = exit.ContainerId,
                Remedy = exit.ExitCode is not null
                    ? null
                    : "What was begun is ended in the background; Get-CtrProcess shows what still runs. If the shim is stopped, "
                        + "continue it.",
            };
        }

        if (exit.ExitCode is null)
        {
            return new CtrProcessExitedException(
                $"The process in container '{exit.ContainerId}' ended, and its exit code was lost: the daemon was away, or its task "
                    + "went at the same moment."
            )
            {
                ErrorId = ErrorIds.ExitCodeUnknown,
                Exit = exit,
            };
        }

        return _parameters.AllowExitCode.Contains(exit.ExitCode.Value)
            ? null
            : new CtrProcessExitedException($"The process in container '{exit.ContainerId}' exited with code {exit.ExitCode}.")
            {
                Exit = exit,
            };
    }

    private async ValueTask TakeOutput(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        if (Collects || _parameters.PassThru)
            Keep(chunk.Length);
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
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private ValueTask TakeError(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        if (_parameters.PassThru)
            Keep(chunk.Length);
        return _post(
            () =>
            {
                _native?.Add(chunk.Span);
                WriteLines(_stderr.Add(chunk.Span), WriteError);
            },
            cancellationToken
        );
    }

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
                _cmdlet.WriteError(ErrorRecords.FromProcess(line));
                break;
            case CtrStandardError.Information when _native is not null:
                _cmdlet.WriteShownProcessError(line);
                break;
            case CtrStandardError.Information:
                // Tagged like records of Write-Host, which hosts show regardless of $InformationPreference.
                _cmdlet.WriteProcessError(line);
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
