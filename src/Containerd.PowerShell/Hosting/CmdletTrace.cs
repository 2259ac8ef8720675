using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// One call of a cmdlet for tracing: an activity that is the parent of those of its calls to the daemon, in the source <see
/// cref="SourceName"/>. With -Debug the cmdlet shows each of these calls with its duration.
/// </summary>
internal sealed class CmdletTrace : IDisposable
{
    internal const string SourceName = "Containerd.PowerShell";

    private static readonly ActivitySource Source = new(SourceName, typeof(CmdletTrace).Assembly.GetName().Version?.ToString(3));

    private readonly ActivityListener? _listener;
    private readonly Activity? _activity;

    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="debug">Shows a line; null if calls are not shown.</param>
    internal CmdletTrace(PSCmdlet cmdlet, Action<string>? debug)
    {
        if (debug is not null)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name is SourceName or ContainerdTracing.SourceName,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                // Calls of other runspaces arrive here too.
                ActivityStopped = ended =>
                {
                    if (ended.Source.Name == ContainerdTracing.SourceName && ended.TraceId == _activity?.TraceId)
                        debug(Line(ended));
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        var current = Activity.Current;
        _activity = Source.StartActivity(cmdlet.MyInvocation.MyCommand.Name);
        Activity.Current = current;
    }

    /// <summary>Makes the activities of the calling work children of the cmdlet's call, for this work only.</summary>
    internal void Enter()
    {
        if (_activity is not null)
            Activity.Current = _activity;
    }

    public void Dispose()
    {
        var current = Activity.Current;
        _activity?.Dispose();
        Activity.Current = current;
        _listener?.Dispose();
    }

    private static string Line(Activity call) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{call.OperationName} ({call.GetTagItem(ContainerdTracing.NamespaceTag)} at {call.GetTagItem("server.address")}): "
                + $"{call.StatusDescription ?? "OK"}, {call.Duration.TotalMilliseconds:0.0} ms"
        );
}
