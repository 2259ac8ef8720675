using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// Removes what containers that no longer run left behind: after a crash of the machine, if the helper program was missing, or if another
/// client detached a container without its network namespace. Plugins do not implement CNI's own command for that (GC).
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class NetworkSweep(SweepRequest request)
{
    private static readonly TimeSpan FailuresAreKept = TimeSpan.FromMinutes(10);

    private readonly NetworkFolders _folders = request.Folders;
    private readonly TimeBudget _budget = new(TimeSpan.FromMinutes(5));
    private readonly List<CtrException> _errors = [];

    /// <summary>Sweeps, in the calling thread's mount and network namespaces.</summary>
    internal SweepReport Run()
    {
        using var held = NetworkLock.Take(_folders, NetworkLimits.Lock);
        var own = SweepOwn();
        new NameServer(_folders).Refresh();
        SweepFailures();
        var others = new List<string>();
        var rules = 0;
        if (request.Namespaces is { } namespaces && request.Only is null)
        {
            others = SweepAddresses(namespaces);
            rules = SweepRules(namespaces);
            SweepEnded(namespaces);
        }

        return new()
        {
            Attachments = own,
            Others = others,
            Rules = rules,
            Bridges = RemoveBridges(),
            Failures = [.. _errors.Select(NetworkFailure.Of)],
        };
    }

    private List<string> SweepOwn()
    {
        var records = AttachmentRecord.ReadAll(_folders).ToDictionary(r => r.Request.Attachment, StringComparer.Ordinal);
        var pins = _folders.Pins + "/";
        var known = records
            .Keys.Concat(
                CniCacheEntry
                    .ReadAll(_folders.Results)
                    .Where(e => e.Netns.StartsWith(pins, StringComparison.Ordinal) && RequestChecks.IsName(e.ContainerId))
                    .Select(e => e.ContainerId)
            )
            .Concat(Names(_folders.Pins))
            .Distinct(StringComparer.Ordinal)
            .Where(id => request.Only is null || request.Only.Contains(id))
            .Where(id => !records.TryGetValue(id, out var record) || !record.IsAlive());
        var swept = new List<string>();
        foreach (var attachment in known.ToList())
        {
            var errors = Detachment.Undo(_folders, attachment, _budget);
            _errors.AddRange(errors);
            if (errors.Count == 0)
                swept.Add(attachment);
        }

        return swept;
    }

    /// <summary>Removes the last records of containers that do not exist.</summary>
    private void SweepEnded(IReadOnlyList<string> namespaces)
    {
        if (!Directory.Exists(_folders.Ended))
            return;
        foreach (var file in Directory.EnumerateFiles(_folders.Ended, "*.json"))
        {
            if (IsLost(Path.GetFileNameWithoutExtension(file), namespaces))
                LibcFiles.Delete(file);
        }
    }

    /// <summary>Removes the reasons of failed starts that no client has read.</summary>
    private void SweepFailures()
    {
        if (!Directory.Exists(_folders.Failures))
            return;
        foreach (var file in new DirectoryInfo(_folders.Failures).EnumerateFiles())
        {
            if (DateTime.UtcNow - file.LastWriteTimeUtc > FailuresAreKept)
                file.Delete();
        }
    }

    /// <summary>Releases addresses of host-local whose container does not exist, by the plugin's own means.</summary>
    private List<string> SweepAddresses(IReadOnlyList<string> namespaces)
    {
        var swept = new List<string>();
        foreach (var network in Networks().Where(HostLocal.IsUsedBy))
        {
            foreach (
                var (attachment, name) in HostLocal.Reservations(network).Where(r => IsLost(r.Attachment, namespaces)).Distinct().ToList()
            )
            {
                var entry = new CniCacheEntry
                {
                    // No such file: the attachment has no cache.
                    File = Path.Combine(_folders.Results, Guid.NewGuid().ToString("N")),
                    ContainerId = attachment,
                    Config = network.Content,
                    Interface = name,
                    Network = network.Name,
                };
                var errors = CniChain.Detach(_folders, entry, null, _budget);
                _errors.AddRange(errors);
                if (errors.Count == 0)
                    swept.Add(attachment);
            }
        }

        return swept;
    }

    private int SweepRules(IReadOnlyList<string> namespaces)
    {
        var networks = Networks().Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        return LeftoverRules.Remove(
            LeftoverRules.Find(_budget).Where(r => networks.Contains(r.Network) && IsLost(r.Container, namespaces)),
            _budget
        );
    }

    /// <summary>The networks of the module and of nerdctl, which both name attachments NAMESPACE-ID.</summary>
    private IEnumerable<CniNetwork> Networks() => CniNetworks.Read(_folders).All.Where(n => n.Author != CniAuthor.Other);

    /// <summary>Whether a container of one of the namespaces does not exist, and no client has it as attached.</summary>
    private bool IsLost(string attachment, IReadOnlyList<string> namespaces) =>
        namespaces.Any(n => attachment.StartsWith(n + "-", StringComparison.Ordinal))
        && !request.Containers.Contains(attachment)
        && !File.Exists(_folders.RecordOf(attachment))
        && CniCacheEntry.ReadAll(_folders.Results, attachment).Count == 0;

    private List<string> RemoveBridges()
    {
        var removed = new List<string>();
        foreach (var bridge in request.Bridges)
        {
            // Only of the forms that the module and nerdctl use, and never one of another program.
            if (!bridge.StartsWith("br-", StringComparison.Ordinal) && bridge != "nerdctl0")
                continue;
            var error = LibcNetworks.RemoveBridge(bridge);
            if (error is 0 or LibcNetworks.ENODEV)
                LeftoverRules.RemoveIsolation(bridge, _budget);
            if (error == 0)
                removed.Add(bridge);
            else if (error != LibcNetworks.ENODEV)
                _errors.Add(NetworkStateErrors.Failed($"The bridge '{bridge}' cannot be removed", error));
        }

        return removed;
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>().Where(RequestChecks.IsName)
            : [];
}
