using System.Collections;
using Containerd.Client.Daemon;
using Containerd.Client.Records;

namespace Containerd.Client.Workloads.Specs;

/// <summary>Read-only binds whose mounts below them are read-only too, which not every kernel and runtime supports.</summary>
internal static class RecursiveReadOnly
{
    /// <summary>Whether a mount requires this.</summary>
    internal static bool IsRequired(CtrMount mount) => mount.Recursion == CtrBindRecursion.ReadOnly || mount.Options.Contains("rro");

    /// <summary>Rejects mounts that require it if it is not possible.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="mounts">The mounts.</param>
    /// <param name="name">The runtime of the container; null for the default.</param>
    /// <param name="options">The options of the runtime; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotSupportedException">MountNotSupported.</exception>
    internal static async Task RequireAsync(
        RecordScope ns,
        IEnumerable<CtrMount>? mounts,
        string? name,
        IDictionary? options,
        CancellationToken cancellationToken
    )
    {
        if (mounts?.FirstOrDefault(IsRequired) is not { } mount)
            return;
        if (!await IsPossibleAsync(ns, name, options, cancellationToken).ConfigureAwait(false))
            throw NotSupported(mount);
    }

    /// <summary>Whether the daemon's host and a runtime can do it.</summary>
    internal static async Task<bool> IsPossibleAsync(
        RecordScope ns,
        string? name,
        IDictionary? options,
        CancellationToken cancellationToken
    )
    {
        var standard = await ns.Daemon.Runtimes.DefaultAsync(ns.Namespace, cancellationToken).ConfigureAwait(false);
        var runtime = RuntimeChoice.Resolve(name, options, new CtrSpec(), standard);
        return await RuntimeFeatures.HasRecursiveReadOnlyAsync(ns.Connection, runtime, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The error for a mount that requires it.</summary>
    internal static CtrNotSupportedException NotSupported(CtrMount mount) =>
        new(
            $"The mount '{mount}' cannot be read-only together with the mounts below it: the kernel or the runtime does not "
                + "support this, or the daemon is on another host."
        )
        {
            ErrorId = ErrorIds.MountNotSupported,
            Subject = mount.Source,
            RemedyId = "RecursiveReadOnly",
            Remedy = "Use Linux 5.12 or later with a current runc or crun, or allow the mounts below it to be writable.",
        };
}
