using System.Text;
using Containerd.Client.Daemon;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Introspection;
using Containerd.Client.Wire.Types;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>The runtimes for the tasks of a daemon.</summary>
public sealed class RuntimeService
{
    private const string ShimPrefix = "containerd-shim-";
    private readonly DaemonConnection _connection;
    private readonly NamespaceRecords _namespaces;

    internal RuntimeService(DaemonConnection connection, NamespaceRecords namespaces)
    {
        _connection = connection;
        _namespaces = namespaces;
    }

    /// <summary>Lists the runtimes whose shims are in the daemon's PATH, and the default runtime.</summary>
    /// <param name="ns">The namespace, which may have its own default.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The runtimes, by name; only the default if the daemon's host is not accessible.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrRuntime>> ListAsync(string ns, CancellationToken cancellationToken = default)
    {
        var standard = await DefaultAsync(ns, cancellationToken).ConfigureAwait(false);
        var runtimes = new List<CtrRuntime>();
        foreach (var name in Names(standard))
            runtimes.Add(await DescribeAsync(name, standard, required: false, cancellationToken).ConfigureAwait(false));
        return runtimes;
    }

    /// <summary>Lists the names of the runtimes whose shims are in the daemon's PATH, and of the default runtime.</summary>
    /// <param name="ns">The namespace, which may have its own default.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The names, in order.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> NamesAsync(string ns, CancellationToken cancellationToken = default) =>
        Names(await DefaultAsync(ns, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Reads data about a runtime from the daemon and its shim (introspection.v1 PluginInfo); if the daemon does not support this, only the
    /// path of its shim.
    /// </summary>
    /// <param name="name">Its name, such as <c>io.containerd.runc.v2</c>, or the shim's path.</param>
    /// <param name="ns">The namespace, which may have its own default.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The runtime.</returns>
    /// <exception cref="CtrNotFoundException">RuntimeNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrRuntime> GetAsync(string name, string ns, CancellationToken cancellationToken = default) =>
        await DescribeAsync(name, await DefaultAsync(ns, cancellationToken).ConfigureAwait(false), required: true, cancellationToken)
            .ConfigureAwait(false);

    private List<string> Names(string standard) =>
        [.. Shims().Select(s => s.Name).Append(standard).Distinct().Order(StringComparer.Ordinal)];

    private async Task<CtrRuntime> DescribeAsync(string name, string standard, bool required, CancellationToken cancellationToken)
    {
        // The name of a program, such as crun, is an option of the shim that runs it.
        var choice = RuntimeChoice.Resolve(name, null, new CtrSpec(), standard);
        var runtime = new CtrRuntime
        {
            Name = name,
            IsDefault = name == standard,
            ShimPath = PathOf(choice.Name),
            Session = _connection.Session,
        };
        var question = new RuntimeRequest { RuntimePath = choice.Name, Options = choice.Options };
        var request = new PluginInfoRequest
        {
            Type = "io.containerd.runtime.v2",
            Id = "task",
            Options = WireAny.Pack(question),
        };
        try
        {
            var answer = await new Introspection.IntrospectionClient(_connection.Calls(_connection.Session.Namespace))
                .PluginInfoAsync(request, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Runtime, name)
                .ConfigureAwait(false);
            if (answer.Extra is not { Value.IsEmpty: false } extra)
                return runtime;
            var info = RuntimeInfo.Parser.ParseFrom(extra.Value);
            runtime.Version = Text(info.Version?.Version);
            runtime.Revision = Text(info.Version?.Revision);
            runtime.Features = info.Features is { Value.IsEmpty: false } features ? Encoding.UTF8.GetString(features.Value.Span) : null;
            runtime.Annotations = new CtrMap(info.Annotations);
        }
        catch (CtrNotSupportedException)
        {
            // Before containerd 2.0 the daemon does not support the query; only data from its host is used.
            if (required && runtime.ShimPath is null && !runtime.IsDefault && Shims().Count > 0)
                throw RpcErrors.NotFound(Resource.Runtime, name);
        }
        catch (CtrException e)
            when (e is CtrNotFoundException || e.InnerException?.Message.Contains("shim", StringComparison.Ordinal) == true)
        {
            // The daemon could not find or run the shim.
            if (required)
                throw RpcErrors.NotFound(Resource.Runtime, name, e);
        }

        return runtime;

        static string? Text(string? value) => value is { Length: > 0 } ? value : null;
    }

    /// <summary>The default runtime: that of the namespace, or else that of the platform.</summary>
    internal async Task<string> DefaultAsync(string ns, CancellationToken cancellationToken) =>
        await _namespaces.LabelAsync(ns, "containerd.io/defaults/runtime", cancellationToken).ConfigureAwait(false)
        ?? (OperatingSystem.IsWindows() ? "io.containerd.runhcs.v1" : RuntimeChoice.Runc);

    private string? PathOf(string name) =>
        System.IO.Path.IsPathRooted(name)
            ? (_connection.Address.IsLocal && File.Exists(name) ? name : null)
            : Shims().FirstOrDefault(s => s.Name == name).Path;

    /// <summary>The shims in the daemon's PATH: <c>containerd-shim-runc-v2</c> serves <c>io.containerd.runc.v2</c>.</summary>
    private List<(string Name, string Path)> Shims()
    {
        var shims = new List<(string Name, string Path)>();
        if (_connection.LocalDaemon is not { } daemon)
            return shims;
        foreach (var folder in daemon.SearchPath())
        {
            foreach (var file in Files(folder))
            {
                var parts = System.IO.Path.GetFileName(file)[ShimPrefix.Length..].Split('-');
                if (parts.Length < 2)
                    continue;
                var name = $"io.containerd.{string.Join('-', parts[..^1])}.{parts[^1]}";
                if (!shims.Exists(s => s.Name == name))
                    shims.Add((name, file));
            }
        }

        return shims;

        static string[] Files(string folder)
        {
            try
            {
                return Directory.Exists(folder) ? Directory.GetFiles(folder, ShimPrefix + "*") : [];
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return [];
            }
        }
    }
}
