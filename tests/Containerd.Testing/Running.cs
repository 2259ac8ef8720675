using System.Management.Automation;

namespace Containerd.Testing;

/// <summary>A script that runs in an <see cref="Engine"/>.</summary>
public sealed class Running
{
    private readonly PowerShell _shell;
    private readonly IAsyncResult _asked;

    internal Running(PowerShell shell, object?[] input)
    {
        _shell = shell;
        var given = new PSDataCollection<object?>(input);
        given.Complete();
        _asked = shell.BeginInvoke(given, Output);
    }

    /// <summary>Its output so far.</summary>
    public PSDataCollection<PSObject> Output { get; } = [];

    /// <summary>The streams besides the output, as they fill.</summary>
    public PSDataStreams Streams => _shell.Streams;

    public bool IsCompleted => _asked.IsCompleted;

    /// <summary>Ctrl+C; ends when the pipeline has ended.</summary>
    public Task StopAsync() => _shell.StopAsync(null, null);

    /// <summary>Waits for its end.</summary>
    public Invocation Wait()
    {
        Exception? exception = null;
        try
        {
            _shell.EndInvoke(_asked);
        }
        catch (Exception caught) when (caught is RuntimeException)
        {
            exception = caught;
        }

        var streams = _shell.Streams;
        var done = new Invocation(
            [.. Output],
            [.. streams.Error],
            [.. streams.Warning],
            [.. streams.Information],
            [.. streams.Verbose],
            [.. streams.Progress],
            exception
        );
        _shell.Dispose();
        return done;
    }
}
