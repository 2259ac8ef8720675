using Containerd.Client.Transport;
using Containerd.Client.Wire.Introspection;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>The plugins of a daemon (introspection.v1).</summary>
public sealed class PluginService
{
    // The message of a plugin that does not apply to this host.
    private const string Skipped = "skip plugin";
    private readonly DaemonConnection _connection;

    internal PluginService(DaemonConnection connection) => _connection = connection;

    /// <summary>Lists the plugins, including those that did not start (introspection.v1 Plugins).</summary>
    /// <param name="filters">
    /// Filters in containerd's filter syntax, any of which must match, such as <c>type==io.containerd.snapshotter.v1</c>; null for all.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The plugins, by type and id.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrPlugin>> ListAsync(
        IReadOnlyList<string>? filters = null,
        CancellationToken cancellationToken = default
    )
    {
        var request = new PluginsRequest();
        request.Filters.AddRange(filters ?? []);
        var answer = await new Introspection.IntrospectionClient(_connection.Calls(_connection.Session.Namespace))
            .PluginsAsync(request, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Plugin)
            .ConfigureAwait(false);
        return [.. answer.Plugins.Select(FromWire).OrderBy(p => p.Type, StringComparer.Ordinal).ThenBy(p => p.Id, StringComparer.Ordinal)];
    }

    private CtrPlugin FromWire(Plugin plugin) =>
        new()
        {
            Type = plugin.Type,
            Id = plugin.Id,
            State =
                plugin.InitErr is null ? CtrPluginState.Loaded
                : plugin.InitErr.Message.Contains(Skipped, StringComparison.Ordinal) ? CtrPluginState.Skipped
                : CtrPluginState.Failed,
            Error = plugin.InitErr?.Message,
            Platforms =
            [
                .. plugin
                    .Platforms.Select(p => string.Join('/', new[] { p.Os, p.Architecture, p.Variant }.Where(part => part.Length > 0)))
                    .Distinct(),
            ],
            Requires = [.. plugin.Requires],
            Capabilities = [.. plugin.Capabilities],
            Exports = new CtrMap(plugin.Exports),
            Session = _connection.Session,
        };
}
