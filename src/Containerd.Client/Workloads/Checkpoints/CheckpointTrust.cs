using Containerd.Client.Transport;
using Containerd.Host.Files;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// Decides whether a checkpoint is restored without confirmation. CRIU restores processes according to its images, regardless of the spec,
/// so an untrusted checkpoint is equivalent to root on this host: it is restored only if the caller confirms it.
/// </summary>
internal static class CheckpointTrust
{
    /// <summary>Asks for confirmation of a checkpoint that is not from this daemon. Nothing may have been changed before.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="source">The checkpoint.</param>
    /// <param name="confirm">Asks the user; null if no user can answer.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrArgumentException">No user can answer (ConfirmationRequired).</exception>
    /// <exception cref="CtrConflictException">The answer was no (CheckpointDeclined).</exception>
    internal static async Task RequireAsync(
        DaemonConnection connection,
        CheckpointSource source,
        Func<UntrustedCheckpoint, CancellationToken, Task<bool?>>? confirm,
        CancellationToken cancellationToken
    )
    {
        if (await ReasonAsync(connection, source, cancellationToken).ConfigureAwait(false) is not { } reason)
            return;
        var folder = source.Folder;
        var untrusted = new UntrustedCheckpoint(folder.Name, reason, CheckpointGrants.Of(folder.Spec, folder.Manifest));
        var answer = confirm is null ? null : await confirm(untrusted, cancellationToken).ConfigureAwait(false);
        if (answer is null)
            throw CheckpointErrors.ConfirmationRequired(untrusted);
        if (answer is false)
            throw CheckpointErrors.Declined(folder.Name);
    }

    /// <summary>Whether a checkpoint is from this daemon.</summary>
    internal static async Task<bool> IsTrustedAsync(
        DaemonConnection connection,
        CheckpointSource source,
        CancellationToken cancellationToken
    ) => await ReasonAsync(connection, source, cancellationToken).ConfigureAwait(false) is null;

    private static async Task<string?> ReasonAsync(
        DaemonConnection connection,
        CheckpointSource source,
        CancellationToken cancellationToken
    )
    {
        var name = PlainText.Of(source.Folder.Name);
        var key = await CheckpointKey.GetAsync(connection, create: false, cancellationToken).ConfigureAwait(false);
        if (key is null || !CheckpointKey.IsSealed(key, source.Manifest))
            return $"The checkpoint '{name}' was not created with this daemon.";
        // An archive was unpacked to a folder that other users cannot write to. A folder is read again by the runtime, after its digests
        // were compared.
        return source.IsUnpacked || (OperatingSystem.IsLinux() && TrustedFolder.IsOutOfReach(source.Folder.Path))
            ? null
            : $"Other users can change the files of the checkpoint '{name}'.";
    }
}
