using System.Diagnostics;
using Grpc.Core;

namespace Containerd.Client;

/// <summary>
/// Tracing of this library: one activity for each call to a daemon, named by service and method, with the tags of OpenTelemetry's
/// conventions for RPC. With the OpenTelemetry SDK: <c>AddSource(ContainerdTracing.SourceName)</c>. There is no overhead without a
/// listener.
/// </summary>
public static class ContainerdTracing
{
    /// <summary>The name of the source of activities.</summary>
    public const string SourceName = "Containerd.Client";

    /// <summary>The tag with the containerd namespace of a call.</summary>
    public const string NamespaceTag = "containerd.namespace";

    private static readonly ActivitySource Source = new(SourceName, typeof(ContainerdTracing).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts the activity of a call, as a child of the caller's; null without a listener.</summary>
    internal static Activity? Begin(IMethod method, string address, string containerdNamespace)
    {
        if (!Source.HasListeners())
            return null;
        var caller = Activity.Current;
        var activity = Source.StartActivity($"{method.ServiceName}/{method.Name}", ActivityKind.Client);
        // The caller's work in the meantime is not part of this call.
        Activity.Current = caller;
        return activity
            ?.SetTag("rpc.system", "grpc")
            .SetTag("rpc.service", method.ServiceName)
            .SetTag("rpc.method", method.Name)
            .SetTag("server.address", address)
            .SetTag(NamespaceTag, containerdNamespace);
    }

    /// <summary>Ends it once: later ends of the same call are ignored.</summary>
    internal static void End(this Activity? activity, StatusCode code)
    {
        if (activity is null || activity.IsStopped)
            return;
        activity.SetTag("rpc.grpc.status_code", (int)code);
        activity.SetStatus(
            code == StatusCode.OK ? ActivityStatusCode.Unset : ActivityStatusCode.Error,
            code == StatusCode.OK ? null : code.ToString()
        );
        var current = Activity.Current;
        activity.Stop();
        Activity.Current = current;
    }
}
