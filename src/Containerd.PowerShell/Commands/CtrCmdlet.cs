using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// What all cmdlets share: asynchronous work that runs beside the pipeline and hands back what only the pipeline's thread may do, Ctrl+C, and one way
/// from a <see cref="CtrException"/> to an error record.
/// </summary>
public abstract class CtrCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private PipelineWork? _work;

    /// <summary>Cancelled by Ctrl+C, and when the pipeline downstream has had enough.</summary>
    protected CancellationToken StopToken => _stopping.Token;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        // Select-Object -First ends a pipeline without StopProcessing.
        _stopping.Cancel();
    }

    protected override void StopProcessing() => _stopping.Cancel();

    /// <summary>Runs work beside the pipeline; meanwhile this thread does what the work posts to it.</summary>
    protected T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        using var running = Begin(work);
        return Finish(running);
    }

    /// <summary>Starts work beside the pipeline, which goes on over several ProcessRecord calls.</summary>
    internal PipelineWork<T> Begin<T>(Func<CancellationToken, Task<T>> work)
    {
        var running = new PipelineWork<T>(StopToken);
        // Known before it runs: what it posts at once must find its way.
        _work = running;
        running.Start(work);
        return running;
    }

    /// <summary>Does what running work posts until it ends, and gives its result.</summary>
    internal T Finish<T>(PipelineWork<T> running)
    {
        try
        {
            return running.Finish();
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            _work = null;
        }
    }

    /// <inheritdoc cref="Await{T}"/>
    protected void Await(Func<CancellationToken, Task> work) => Await(async cancellation =>
    {
        await work(cancellation).ConfigureAwait(false);
        return true;
    });

    /// <summary>Has the pipeline's thread do something (WriteObject, WriteProgress, …) while it waits in Await. Returns at once.</summary>
    protected void Post(Action action) => _work?.Post(action);

    /// <summary>As Post, but ends when it has been done: the work goes no faster than its consumer.</summary>
    protected async ValueTask PostAsync(Action action, CancellationToken cancellation)
    {
        if (_work is { } work)
            await work.PostAsync(action, cancellation).ConfigureAwait(false);
    }

    /// <summary>Does the work for one item; its failure is one error record, and the next item follows.</summary>
    /// <returns>Whether it succeeded.</returns>
    protected bool Try(object? target, Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            work();
            return true;
        }
        catch (CtrException e) when (ErrorRecords.IsAboutOneItem(e))
        {
            WriteError(ErrorRecords.From(e, target));
            return false;
        }
        catch (CtrException e)
        {
            // No daemon, no session: the next item would fail just the same.
            ThrowTerminatingError(ErrorRecords.From(e, target));
            return false;
        }
    }

    /// <summary>Files on this machine that a path parameter means, through PowerShell's providers.</summary>
    /// <returns>Full paths; a wildcard gives each match.</returns>
    protected IReadOnlyList<string> ResolveFiles(IEnumerable<string> paths, bool literal)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (literal || !WildcardPattern.ContainsWildcardCharacters(path))
            {
                files.Add(ResolvePath(path));
                continue;
            }

            var matches = SessionState.Path.GetResolvedProviderPathFromPSPath(path, out var provider);
            RequireFileSystem(path, provider);
            files.AddRange(matches);
        }

        return files;
    }

    /// <summary>One path on this machine, which need not exist yet.</summary>
    protected string ResolvePath(string path)
    {
        var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        RequireFileSystem(path, provider);
        return full;
    }

    private static void RequireFileSystem(string path, ProviderInfo provider)
    {
        if (provider.Name != "FileSystem")
        {
            throw new CtrArgumentException($"'{path}' is no path in a file system (it belongs to the provider {provider.Name}).")
            {
                ErrorId = "NotAFilePath",
                Subject = path,
            };
        }
    }
}
