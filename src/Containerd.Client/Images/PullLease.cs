using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Containerd.Client.Transport;
using Containerd.Host.Processes;

namespace Containerd.Client.Images;

/// <summary>
/// Protects the content of a pull. A running pull has its own lease; a cancelled pull leaves its content to one retained lease for each
/// image and platform, which the next pull takes over, and which expires.
/// </summary>
internal sealed class PullLease
{
    private const string PullLabel = "containerd-powershell/pull";
    private const string OwnerLabel = "containerd-powershell/owner";

    // No pull takes longer. The lease of a killed PowerShell expires after this time, or is taken over by the next pull of the image on
    // this machine.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    // The leases of running pulls in this process.
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
    /// Creates a lease that also holds the content of earlier pulls of the same image. If the caller has a lease, that lease is used.
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

    /// <summary>Deletes the lease: content without a reference from an image's name is collected.</summary>
    public ValueTask EndAsync()
    {
        Running.TryRemove(Id, out _);
        return _scope.DisposeAsync();
    }

    /// <summary>Keeps the fetched content for the next pull, for a limited time.</summary>
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
            // The daemon is unavailable. The next pull ends the lease.
        }
    }

    private async Task TakeOverAsync(CtrLease other, CancellationToken cancellationToken)
    {
        try
        {
            await _leases.AdoptAsync(Id, other.Id, cancellationToken).ConfigureAwait(false);

            // Another running pull keeps its own lease.
            if (other.Id == KeptId || IsDead(other.Id, other.Labels.GetValueOrDefault(OwnerLabel)))
                await _leases.DeleteAsync(other.Id, synchronous: false, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            // It has just ended.
        }
    }

    // The process of a lease. This shows whether the lease is still needed only on the same boot of the same machine.
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
            // Process ids depend on the pid namespace, so the name includes the namespace.
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() + new FileInfo("/proc/self/ns/pid").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
