using Containerd.Host.Files;
using Containerd.Host.Native;

namespace Containerd.Host.Streams;

/// <summary>The files that are the standard streams of a process; null for a stream that stays the caller's.</summary>
internal sealed record ProcessFilePaths
{
    /// <summary>The absolute path of the file that the process reads.</summary>
    internal string? Input { get; init; }

    /// <summary>The absolute path of the file that receives standard output.</summary>
    internal string? Output { get; init; }

    /// <summary>The absolute path of the file that receives standard error.</summary>
    internal string? Error { get; init; }

    /// <summary>Whether the file for standard output receives standard error too, in the order of arrival.</summary>
    internal bool ErrorToOutput { get; init; }

    /// <summary>Whether an existing file is not written.</summary>
    internal bool NoClobber { get; init; }
}

/// <summary>Runs a process whose standard streams are files: bytes pass unchanged, through one buffer for each stream.</summary>
internal sealed class ProcessFiles : IAsyncDisposable
{
    private const int ChunkSize = 256 * 1024;

    private FileStream? _input;
    private RedirectedFile? _output;
    private RedirectedFile? _error;

    private ProcessFiles() { }

    /// <summary>Opens the files, runs a process with them, and closes them.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="io">The caller's own handlers, for the streams without a file.</param>
    /// <param name="run">Runs the process with these streams.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrException">A file cannot be opened, read or written.</exception>
    internal static async Task<ProcessOutcome> RunAsync(
        ProcessFilePaths paths,
        ProcessIo io,
        Func<ProcessIo, Task<ProcessOutcome>> run,
        CancellationToken cancellationToken
    )
    {
        var files = new ProcessFiles();
        await using var filesDisposal = files.ConfigureAwait(false);
        await files.OpenAsync(paths, cancellationToken).ConfigureAwait(false);
        var outcome = await run(
                new ProcessIo
                {
                    Stdin = files._input is null ? io.Stdin : files.ReadAsync(paths.Input!, CancellationToken.None),
                    Stdout = files._output is { } output ? output.WriteAsync : io.Stdout,
                    Stderr =
                        files._error is { } error ? error.WriteAsync
                        : paths.ErrorToOutput && files._output is { } both ? both.WriteAsync
                        : io.Stderr,
                    Terminal = io.Terminal,
                }
            )
            .ConfigureAwait(false);
        // A time limit can end before the process was started.
        if (outcome.Exit is { Pid: > 0 } or { ExitCode: not null })
        {
            await CompleteAsync(files._output).ConfigureAwait(false);
            await CompleteAsync(files._error).ConfigureAwait(false);
        }

        return outcome;

        static Task CompleteAsync(RedirectedFile? file) => file?.CompleteAsync() ?? Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_input is not null)
            await _input.DisposeAsync().ConfigureAwait(false);
        try
        {
            if (_output is not null)
                await _output.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (_error is not null)
                await _error.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task OpenAsync(ProcessFilePaths paths, CancellationToken cancellationToken)
    {
        if (paths.Input is not null)
            _input = await OpenInputAsync(paths.Input, cancellationToken).ConfigureAwait(false);
        if (paths.Output is not null)
            _output = await RedirectedFile.OpenAsync(paths.Output, paths.NoClobber, cancellationToken).ConfigureAwait(false);
        if (_output?.Identity is { } output && IsInput(output))
            throw Same(paths.Output!, "the input and the output of the process");
        // With noClobber, the second name of a file that was just created would be reported as an existing file.
        if (paths.Error is not null && paths.Error == paths.Output && _output?.Identity is not null)
            throw Same(paths.Error, "the output and the error output of the process");
        if (paths.Error is not null)
            _error = await RedirectedFile.OpenAsync(paths.Error, paths.NoClobber, cancellationToken).ConfigureAwait(false);
        if (_error?.Identity is not { } error)
            return;
        if (IsInput(error))
            throw Same(paths.Error!, "the input and the error output of the process");
        if (error == _output?.Identity)
            throw Same(paths.Error!, "the output and the error output of the process");
    }

    private bool IsInput(FileIdentity identity) =>
        _input is not null && OperatingSystem.IsLinux() && LibcMounts.Stat(_input.SafeFileHandle).Identity == identity;

    /// <summary>Opens the input. For a named pipe, this waits for its writer.</summary>
    private static async Task<FileStream> OpenInputAsync(string path, CancellationToken cancellationToken)
    {
        var opening = Task.Run(() => InputFile.Open(path), CancellationToken.None);
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = opening.ContinueWith(
                static late => late.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default
            );
            throw;
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        string path,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var buffer = new byte[ChunkSize];
        while (await ReadAsync(path, buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            yield return buffer.AsMemory(0, count);
    }

    private async Task<int> ReadAsync(string path, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            // A read of a named pipe cannot be cancelled: it continues in the background, with its own buffer.
            return await _input!.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CtrFileException($"The file '{path}' cannot be read: {e.Message.TrimEnd('.')}.", e)
            {
                ErrorId = ErrorIds.FileNotReadable,
                Subject = path,
            };
        }
    }

    private static CtrArgumentException Same(string path, string uses) =>
        new($"'{path}' cannot be both {uses}.")
        {
            ErrorId = ErrorIds.SameItem,
            Subject = path,
            Remedy = "Use a separate file for each stream.",
        };
}
