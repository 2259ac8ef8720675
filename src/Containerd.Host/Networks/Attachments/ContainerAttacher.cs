using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// Attaches a container to its networks, in the hook createRuntime. Either everything is done, or nothing is left: the attachment is
/// recorded before the first plugin runs, so that a crash leaves something to be undone by.
/// </summary>
/// <param name="state">The container's state.</param>
/// <param name="request">The request.</param>
[SupportedOSPlatform("linux")]
internal sealed class ContainerAttacher(HookState state, NetworkRequest request)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(10);

    private readonly NetworkFolders _folders = request.Folders;

    /// <summary>Attaches the container.</summary>
    internal void Run()
    {
        if (state.Id != request.Container)
            throw RequestChecks.Invalid($"it is that of the container '{request.Container}', and the spec was copied");
        var init = ProcessMark.Of(state.Pid) ?? throw Gone();
        using var handle = LibcSpawn.OpenProcess(state.Pid, out _);
        var own = LibcNetworks.NamespaceOf("thread-self") ?? "";
        if ((LibcNetworks.NamespaceOf($"{state.Pid}") ?? throw Gone()) == own)
            throw RequestChecks.Invalid("the container uses the network of the host");
        var plans = AttachmentPlan.Of(request);
        var record = new AttachmentRecord
        {
            Request = request,
            Pid = init.Pid,
            StartTime = init.StartTime,
            Bundle = state.Bundle,
            HostNamespace = own,
        };
        using (NetworkLock.Take(_folders, NetworkLimits.Lock))
            record = Attach(record, plans, () => IsAlive(handle, init));
        try
        {
            // Other containers can start meanwhile.
            ContainerNames.RequireAnswers(record, record.Networks, new TimeBudget(NetworkLimits.NameServer));
            if (!IsAlive(handle, init))
                throw Gone();
        }
        catch (Exception)
        {
            UndoOwn(record);
            throw;
        }
    }

    private AttachmentRecord Attach(AttachmentRecord record, IReadOnlyList<AttachmentPlan> plans, Func<bool> isAlive)
    {
        _folders.MakeState();
        RequireUnused();
        var preferred = RemoveLeftovers();
        PortCheck.Check(request);
        record.Write();
        try
        {
            NetworkPin.Create(_folders.PinOf(request.Attachment), state.Pid);
            record = Attach(record, plans, preferred, isAlive);
            ContainerNames.Add(record);
            if (!isAlive())
                throw Gone();
        }
        catch (Exception)
        {
            _ = Detachment.Undo(_folders, request.Attachment, new TimeBudget(NetworkLimits.Detach));
            throw;
        }

        LibcFiles.Delete(_folders.FailureOf(request.Attachment));
        LibcFiles.Delete(_folders.EndedOf(request.Attachment));
        return record;
    }

    /// <summary>Undoes the attachment, unless the container was started again meanwhile: then it is that of the new process.</summary>
    private void UndoOwn(AttachmentRecord record)
    {
        try
        {
            using var held = NetworkLock.Take(_folders, NetworkLimits.Lock);
            var now = AttachmentRecord.Read(_folders.RecordOf(request.Attachment));
            if (now is not null && (now.Pid, now.StartTime) == (record.Pid, record.StartTime))
                _ = Detachment.Undo(_folders, request.Attachment, new TimeBudget(NetworkLimits.Detach));
        }
        catch (CtrException)
        {
            // The next start, or a sweep, removes what is recorded. The first failure is the reason.
        }
    }

    private AttachmentRecord Attach(
        AttachmentRecord record,
        IReadOnlyList<AttachmentPlan> plans,
        Dictionary<string, IReadOnlyList<string>> preferred,
        Func<bool> isAlive
    )
    {
        var budget = new TimeBudget(NetworkLimits.Attach);
        var attached = new List<AttachedNetwork>();
        foreach (var plan in plans)
        {
            if (!isAlive())
                throw Gone();
            attached.Add(NetworkAttacher.Attach(plan, preferred.GetValueOrDefault(plan.Network.Name, plan.Requested.Preferred), budget));
        }

        var entries = CniCacheEntry.ReadAll(_folders.Results, request.Attachment);
        DefaultRoutes.Settle(_folders, [.. plans.Select(p => entries.First(p.IsOf))]);
        record = record with { Networks = attached, Complete = true };
        record.Write();
        return record;
    }

    /// <summary>
    /// An attachment id is not unique if a namespace and an id contain dashes, or if a second daemon uses the folders of the machine. The
    /// attachment of a container that runs is never removed.
    /// </summary>
    private void RequireUnused()
    {
        foreach (var daemon in Directory.EnumerateDirectories(Path.GetDirectoryName(_folders.State)!))
        {
            var file = new NetworkFolders { State = daemon }.RecordOf(request.Attachment);
            if (File.Exists(file) && AttachmentRecord.Read(file) is { } other && other.Pid != state.Pid && other.IsAlive())
            {
                throw new CtrConflictException(
                    $"The container '{other.Request.Container}' in the namespace '{other.Request.Namespace}' is attached to networks with "
                        + $"the same id, '{request.Attachment}'."
                )
                {
                    ErrorId = ErrorIds.NetworkAttachmentInUse,
                    Subject = request.Attachment,
                    Remedy = "Use another id or namespace for the container.",
                };
            }
        }
    }

    /// <summary>Removes what is left of an earlier start of this container, and of containers that no longer run.</summary>
    /// <returns>The addresses that this container had, by network.</returns>
    private Dictionary<string, IReadOnlyList<string>> RemoveLeftovers()
    {
        var budget = new TimeBudget(NetworkLimits.Detach);
        var addresses = LastAddresses()
            .GroupBy(one => one.Network, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => (IReadOnlyList<string>)[.. group.SelectMany(one => one.Addresses).Select(address => address.Split('/')[0])],
                StringComparer.Ordinal
            );
        // What stays reserved in spite of this makes the new attachment fail with a reason of its own, and only then.
        if (Detachment.Undo(_folders, request.Attachment, budget).Count > 0)
            NetworkPin.Remove(_folders.PinOf(request.Attachment));
        var limit = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - (long)RetryAfter.TotalSeconds;
        foreach (var record in AttachmentRecord.ReadAll(_folders))
        {
            // A failure, such as a plugin that hangs, must not delay every start.
            if (record.FailedAt < limit && !record.IsAlive())
                _ = Detachment.Undo(_folders, record.Request.Attachment, budget);
        }

        return addresses;
    }

    /// <summary>
    /// The addresses that this container had: by the cache files if its last end was not noticed, as after a restart of the machine; by its
    /// last record otherwise.
    /// </summary>
    private IEnumerable<(string Network, IReadOnlyList<string> Addresses)> LastAddresses()
    {
        var entries = CniCacheEntry.ReadAll(_folders.Results, request.Attachment);
        return entries.Count > 0
            ? entries.Select(entry => (entry.Network, entry.Addresses))
            : (AttachmentRecord.Read(_folders.EndedOf(request.Attachment))?.Networks ?? []).Select(n => (n.Name, n.Addresses));
    }

    private static bool IsAlive(SafeFileHandle? handle, ProcessMark init) =>
        handle is null ? init.IsAlive : !LibcPoll.IsReadable(handle, 0) && init.IsAlive;

    private CtrRuntimeException Gone() =>
        new($"The process of the container '{request.Container}' ended while its networks were being attached.")
        {
            ErrorId = ErrorIds.NetworkTaskGone,
            Subject = request.Container,
            Remedy = "Start the container again.",
        };
}
