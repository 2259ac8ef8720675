using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Containerd.Client.Transport;
using Containerd.Host.Processes;

namespace Containerd.Client.Images;

/// <summary>
/// What protects a pull's content. While the pull runs that is a lease of its own; one that is given up leaves what it has fetched to one
/// kept
/// lease per image and platform, which the next pull takes over, and which ends by itself.
/// </summary>
internal sealed class PullLease
{
    private const string PullLabel = "containerd-powershell/pull";
    private const string OwnerLabel = "containerd-powershell/owner";

    // No pull takes longer. A PowerShell that was killed leaves its lease to this, or to the next pull of the image on this machine.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    // The leases of pulls that run in this process.
    private static readonly ConcurrentDictionary<string, bool> Running = new(StringComparer.Ordinal);

    private readonly LeaseStore _leases;
    private readonly LeaseScope _scope;
    private readonly string _key;

    private PullLease(LeaseStore leases, string key, LeaseScope scope)
    {
        (_leases, _key, _scope) = (leases, key, scope);
        Running[Id] = true;
    }

    /// <summary>The lease's id, as the containerd-lease header carries it.</summary>
    public string Id => _scope.Id;

    private string KeptId => "pwsh-pull-" + _key;

    /// <summary>
    /// Makes a lease that also holds what earlier pulls of the same left. Where the caller has a lease of its own, that one is it.
    /// </summary>
    /// <param name="leases">The namespace's leases.</param>
    /// <param name="what">The image and the platforms.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public static async Task<PullLease> OpenAsync(LeaseStore leases, string what, CancellationToken cancellationToken)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(what)))[..32].ToLowerInvariant();
        var lease = new PullLease(
            leases,
            key,
            await leases
                .CreateAsync(Longest, new Dictionary<string, string> { [PullLabel] = key, [OwnerLabel] = Owner() }, cancellationToken)
                .ConfigureAwait(false)
        );
        try
        {
            var earlier = new StoreFilter { Labels = new Dictionary<string, string> { [PullLabel] = key } };
            foreach (var other in await leases.ListAsync(earlier, cancellationToken).ConfigureAwait(false))
            {
                if (other.Id != lease.Id)
                    await lease.TakeOverAsync(other, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            await lease.EndAsync().ConfigureAwait(false);
            throw;
        }

        return lease;
    }

    /// <summary>Deletes the lease: what no image's name leads to by then is collected.</summary>
    public ValueTask EndAsync()
    {
        Running.TryRemove(Id, out _);
        return _scope.DisposeAsync();
    }

    /// <summary>Leaves what was fetched to the next pull, for a while.</summary>
    public async Task KeepAsync()
    {
        Running.TryRemove(Id, out _);
        if (!_scope.IsOwn)
            return;
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await _leases
                .EnsureAsync(KeptId, Kept, new Dictionary<string, string> { [PullLabel] = _key }, deadline.Token)
                .ConfigureAwait(false);
            if (await _leases.AdoptAsync(KeptId, Id, deadline.Token).ConfigureAwait(false) == 0)
                await _leases.DeleteAsync(KeptId, synchronous: false, deadline.Token).ConfigureAwait(false);
            await _leases.DeleteAsync(Id, synchronous: false, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The daemon is gone. The lease is nobody's now, and the next pull's to end.
        }
    }

    private async Task TakeOverAsync(CtrLease other, CancellationToken cancellationToken)
    {
        try
        {
            await _leases.AdoptAsync(Id, other.Id, cancellationToken).ConfigureAwait(false);

            // Another pull that runs right now keeps its own.
            if (other.Id == KeptId || IsDead(other.Id, other.Labels.GetValueOrDefault(OwnerLabel)))
                await _leases.DeleteAsync(other.Id, synchronous: false, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            // It has just ended.
        }
    }

    // Which process a lease belongs to. Only on the same boot of the same machine does that say whether it is still needed.
    private static string Owner() =>
        OperatingSystem.IsLinux() && ProcessMark.Of(Environment.ProcessId) is { } self ? $"{Boot()}/{self.Pid}/{self.StartTime}" : "";

    private static bool IsDead(string lease, string? owner)
    {
        if (owner is not { Length: > 0 })
            return false;
        if (owner == Owner())
            return !Running.ContainsKey(lease);
        if (!OperatingSystem.IsLinux() || owner.Split('/') is not [var boot, var pid, var start] || boot != Boot())
            return false;
        return int.TryParse(pid, out var id) && long.TryParse(start, out var time) && !new ProcessMark(id, time).IsAlive;
    }

    private static string Boot()
    {
        try
        {
            // A container's processes have ids of their own: its namespace belongs to the name.
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() + new FileInfo("/proc/self/ns/pid").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
