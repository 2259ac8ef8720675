using System.Management.Automation;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>
/// The base of all cmdlets: asynchronous work that runs beside the pipeline and posts the actions that only the pipeline's thread may do,
/// Ctrl+C, and one conversion from a <see cref="CtrException"/> to an error record.
/// </summary>
public abstract class CtrCmdlet : MessageCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private SideBySideWork? _beside;
    private PipelineWork? _work;
    private CmdletTrace? _trace;

    /// <summary>Whether an error about an item was written.</summary>
    private protected bool HasFailed { get; private set; }

    /// <summary>Cancelled by Ctrl+C, and when a downstream command stops the pipeline.</summary>
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
        _beside?.Dispose();
        _trace?.Dispose();
    }

    protected override void StopProcessing() => _stopping.Cancel();

    protected override void EndProcessing() => _beside?.Finish();

    /// <summary>Runs work beside the pipeline. Meanwhile, this thread runs the actions that the work posts.</summary>
    protected T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        using var running = Begin(work);
        return Finish(running);
    }

    /// <summary>Starts work beside the pipeline that continues over several ProcessRecord calls.</summary>
    internal PipelineWork<T> Begin<T>(Func<CancellationToken, Task<T>> work)
    {
        var running = new PipelineWork<T>(StopToken);
        // Set before the work runs, because it may post immediately.
        _work = running;
        running.Start(Traced(work));
        return running;
    }

    /// <summary>
    /// Runs the work for one item and then, on this thread, its continuation: immediately, or in parallel with other items if
    /// -ThrottleLimit allows it. In parallel, the order is that of completion, and every failure is an error record.
    /// </summary>
    protected void Do<T>(object? target, Func<CancellationToken, Task<T>> work, Action<T> done)
    {
        ArgumentNullException.ThrowIfNull(done);
        if (this is not IThrottled { ThrottleLimit: > 1 and var limit })
        {
            done(Await(work));
            return;
        }

        var sessionLabel = SessionLabel;
        _beside ??= new SideBySideWork(limit, StopToken);
        _beside.Add(Traced(work), ended =>
        {
            try
            {
                done(ended.GetAwaiter().GetResult());
            }
            catch (CtrException e)
            {
                HasFailed = true;
                WriteError(ErrorRecords.From(e, target, sessionLabel));
            }
            catch (Exception e) when (UnexpectedErrors.IsOurs(e, StopToken))
            {
                HasFailed = true;
                WriteError(ErrorRecords.From(UnexpectedErrors.Translate(e), target, sessionLabel));
            }
        });
    }

    /// <inheritdoc cref="Do{T}"/>
    protected void Do(object? target, Func<CancellationToken, Task> work) =>
        Do(
            target,
            async cancellationToken =>
            {
                await work(cancellationToken).ConfigureAwait(false);
                return true;
            },
            static _ => { }
        );

    /// <summary>The same work as a part of this cmdlet's call: traces and -Debug show its calls to the daemon.</summary>
    private Func<CancellationToken, Task<T>> Traced<T>(Func<CancellationToken, Task<T>> work)
    {
        var debug = MyInvocation.BoundParameters.TryGetValue("Debug", out var given)
            ? LanguagePrimitives.IsTrue(given)
            : GetVariableValue("DebugPreference") is not (null or ActionPreference.SilentlyContinue or ActionPreference.Ignore);
        var trace = _trace ??= new CmdletTrace(this, debug ? line => Post(() => WriteDebug(line)) : null);
        return cancellationToken =>
        {
            trace.Enter();
            return work(cancellationToken);
        };
    }

    /// <summary>Runs the actions that the work posts until it ends, and returns its result.</summary>
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
        catch (Exception e) when (UnexpectedErrors.IsOurs(e, StopToken))
        {
            // An unexpected exception also becomes an error of this module.
            throw UnexpectedErrors.Translate(e);
        }
        finally
        {
            _work = null;
        }
    }

    /// <inheritdoc cref="Await{T}"/>
    protected void Await(Func<CancellationToken, Task> work) =>
        Await(async cancellationToken =>
        {
            await work(cancellationToken).ConfigureAwait(false);
            return true;
        });

    /// <summary>Like Await, for work that reports its progress, which is shown until the work ends.</summary>
    /// <param name="title">What is being done, such as "Importing app.tar".</param>
    /// <param name="work">The work.</param>
    private protected T AwaitShown<T>(string title, Func<IProgress<ImageProgress>, CancellationToken, Task<T>> work)
    {
        var progress = new ShownProgress(title, record => Post(() => WriteProgress(record)));
        try
        {
            return Await(cancellationToken => work(progress, cancellationToken));
        }
        finally
        {
            if (!Stopping)
                WriteProgress(progress.Completed());
        }
    }

    /// <inheritdoc cref="AwaitShown{T}"/>
    private protected void AwaitShown(string title, Func<IProgress<ImageProgress>, CancellationToken, Task> work) =>
        AwaitShown(title, async (progress, cancellationToken) =>
        {
            await work(progress, cancellationToken).ConfigureAwait(false);
            return true;
        });

    /// <summary>
    /// Writes an object whose additional properties are filled in. It has a view of its own, like Get-Process -IncludeUserName.
    /// </summary>
    private protected void WriteDetailed(object item)
    {
        var detailed = PSObject.AsPSObject(item);
        detailed.TypeNames.Insert(0, item.GetType().FullName + "#Detailed");
        WriteObject(detailed);
    }

    /// <summary>
    /// Queues an action (WriteObject, WriteProgress, …) for the pipeline's thread, which runs it while it waits in Await. Returns
    /// immediately.
    /// </summary>
    protected void Post(Action action) => (PipelineWork.Current ?? _work)?.Post(action);

    /// <summary>Like Post, but completes when the action has run: the work is no faster than its consumer.</summary>
    protected async ValueTask PostAsync(Action action, CancellationToken cancellationToken)
    {
        if ((PipelineWork.Current ?? _work) is { } work)
            await work.PostAsync(action, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs the work for one item; a failure is one error record, and the next item follows.</summary>
    /// <param name="target">The item.</param>
    /// <param name="work">What to do.</param>
    /// <param name="sessionLabel">
    /// The daemon that it concerns, if there are several and it is no longer the current one; otherwise null.
    /// </param>
    /// <returns>Whether it succeeded.</returns>
    protected bool Try(object? target, Action work, string? sessionLabel = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            try
            {
                work();
                return true;
            }
            catch (Exception e) when (e is not CtrException && UnexpectedErrors.IsOurs(e, StopToken))
            {
                throw UnexpectedErrors.Translate(e);
            }
        }
        catch (CtrException e) when (!IsFatal(e, target))
        {
            HasFailed = true;
            WriteError(ErrorRecords.From(e, target, sessionLabel ?? SessionLabel));
            return false;
        }
        catch (CtrException e)
        {
            // Without a daemon or a session, the next item would fail too.
            ThrowTerminatingError(ErrorRecords.From(e, target));
            return false;
        }
    }

    /// <summary>Whether an error would also occur for every other item.</summary>
    private protected virtual bool IsFatal(CtrException error, object? target) => !ErrorRecords.IsAboutOneItem(error);

    /// <summary>The current one of several daemons, for errors that do not name it; otherwise null.</summary>
    private protected virtual string? SessionLabel => null;

    /// <summary>Writes verbose text; with only -Debug it is debug text, for which PowerShell does not prompt.</summary>
    /// <param name="text">The text.</param>
    public new void WriteVerbose(string text)
    {
        if (DebugMode.ShowsVerboseText(MyInvocation))
            WriteDebug(text);
        else
            base.WriteVerbose(text);
    }

    /// <summary>Writes a warning.</summary>
    /// <param name="text">The text.</param>
    public new void WriteWarning(string text) => DebugMode.Warn(text, base.WriteWarning);

    /// <summary>The labels of a new object, with a warning for those that containerd does not store.</summary>
    private protected Dictionary<string, string> NewLabels(CtrKeyValues[]? given)
    {
        var labels = StringMap.From(given);
        if (labels.Where(l => l.Value.Length == 0).Select(l => $"'{l.Key}'").ToList() is { Count: > 0 } empty)
            Warn(
                $"containerd does not store labels with an empty value: {string.Join(", ", empty)} was omitted. Use a value, such as true."
            );
        return labels;
    }

    /// <summary>Writes a warning, from running work or from the pipeline's thread.</summary>
    private void Warn(string text)
    {
        if ((PipelineWork.Current ?? _work) is { } work)
            work.Post(() => WriteWarning(text));
        else
            WriteWarning(text);
    }

    /// <summary>Sets the exit code of a process like that of a native command; -1 if it is not known.</summary>
    internal void SetExitCode(int? code) => SessionState.PSVariable.Set("global:LASTEXITCODE", code ?? -1);

    /// <summary>Resolves a path parameter to files on this machine, through PowerShell's providers.</summary>
    /// <returns>Full paths; for a wildcard, all matches.</returns>
    protected IReadOnlyList<string> ResolveFiles(IEnumerable<string> paths, bool literal)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (literal || !WildcardPattern.ContainsWildcardCharacters(path))
            {
                // As with Copy-Item, a backtick escapes the wildcard character after it.
                files.Add(ResolvePath(literal ? path : WildcardPattern.Unescape(path)));
                continue;
            }

            _ = NamePattern.Get(path, WildcardOptions.None);
            var matches = SessionState.Path.GetResolvedProviderPathFromPSPath(path, out var provider);
            RequireFileSystem(path, provider);
            files.AddRange(matches);
        }

        return files;
    }

    /// <summary>Resolves one path on this machine, which does not have to exist.</summary>
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
            throw new CtrArgumentException($"'{path}' is not a path in a file system (it belongs to the provider {provider.Name}).")
            {
                ErrorId = ErrorIds.NotAFilePath,
                Subject = path,
            };
        }
    }
}
