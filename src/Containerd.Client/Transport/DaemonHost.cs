using System.Runtime.Versioning;
using Containerd.Host;
using WireIntrospection = Containerd.Client.Wire.Introspection;

namespace Containerd.Client.Transport;

/// <summary>
/// Verifies that a daemon runs on this machine, before its paths and process ids are used here. The address is not sufficient: a Unix
/// domain socket may be the end of a tunnel, and the local paths would belong to something else.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class DaemonHost
{
    private const string IdentityFile = "io.containerd.grpc.v1.introspection/uuid";

    /// <summary>Returns the process of a daemon that is verified to run on this machine.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="what">The operation, for the text before "only on the daemon's own host".</param>
    /// <param name="instead">The name and the text of an alternative, if there is one; the text follows "Or".</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotSupportedException">It is not, or it cannot be verified (DaemonNotLocal).</exception>
    /// <exception cref="CtrPermissionException">This user cannot read its files.</exception>
    internal static async Task<LocalDaemon> RequireAsync(
        DaemonConnection connection,
        string what,
        (string Id, string Text)? instead,
        CancellationToken cancellationToken
    ) => (await RequireFolderAsync(connection, what, instead, cancellationToken).ConfigureAwait(false)).Daemon;

    /// <summary>Like <see cref="RequireAsync"/>, with the folder of the daemon's data.</summary>
    internal static async Task<(LocalDaemon Daemon, string Folder)> RequireFolderAsync(
        DaemonConnection connection,
        string what,
        (string Id, string Text)? instead,
        CancellationToken cancellationToken
    )
    {
        connection.RequireHost(what);
        if (connection.LocalDaemon is not { } daemon)
            throw NotLocal("does not show its process");
        if (connection.Uuid.Length == 0)
            throw NotLocal("does not report its identity (its introspection plugin is disabled)");
        try
        {
            if (await FindAsync(connection, cancellationToken).ConfigureAwait(false) is { } folder)
                return (daemon, folder);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CtrPermissionException($"The files of the daemon at {connection.Address} cannot be read.", e)
            {
                ErrorId = ErrorIds.FilePermissionDenied,
                Subject = connection.Address.ToString(),
                RemedyId = "AsRoot",
                Remedy = "Run as root on the daemon's host.",
            };
        }

        throw NotLocal("keeps its files where this process cannot see them: on another machine, or in a mount namespace of its own");

        CtrNotSupportedException NotLocal(string why) => DaemonElsewhere.Error(connection, what, why, instead);
    }

    /// <summary>The daemon's data folder, if it is on this machine and this user can read it.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The folder; otherwise null.</returns>
    internal static async Task<string?> FindFolderAsync(DaemonConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return connection.Address.IsLocal && connection.Uuid.Length > 0
                ? await FindAsync(connection, cancellationToken).ConfigureAwait(false)
                : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<string?> FindAsync(DaemonConnection connection, CancellationToken cancellationToken)
    {
        var plugins = (
            await new WireIntrospection.Introspection.IntrospectionClient(connection.Calls(connection.Session.Namespace))
                .PluginsAsync(new(), cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Daemon)
                .ConfigureAwait(false)
        ).Plugins;
        // Plugins report the folders of their files: siblings below the daemon's own folder, which also contains its identity.
        var folders = plugins
            .SelectMany(p => p.Exports)
            .Where(e => e.Key == "root")
            .Select(e => Path.GetDirectoryName(e.Value))
            .OfType<string>()
            .Distinct();
        foreach (var folder in folders)
        {
            try
            {
                if (File.ReadAllText(Path.Combine(folder, IdentityFile)).Trim() == connection.Uuid)
                    return folder;
            }
            catch (IOException)
            {
                // Not there: try another plugin.
            }
        }

        return null;
    }
}
