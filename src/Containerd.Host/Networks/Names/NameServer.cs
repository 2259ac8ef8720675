using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Names;

/// <summary>
/// The name server for the networks of one folder, in the calling thread's network namespace: its files, which follow from the records of
/// the containers that are attached, and its process. The caller holds the lock.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class NameServer
{
    private const int Step = 20;

    // The program releases the addresses of a network that it no longer has as soon as it has read its files.
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(1);

    private readonly NetworkFolders _folders;
    private readonly string _namespace;
    private readonly string _folder;
    private readonly NameServerProcess _process;

    internal NameServer(NetworkFolders folders)
    {
        _folders = folders;
        _namespace = LibcNetworks.NamespaceOf("thread-self") ?? "";
        _folder = folders.NamesOf(_namespace);
        _process = new(_folder, _namespace);
    }

    /// <summary>Whether the process runs.</summary>
    internal bool IsRunning => _process.Find() is not null;

    /// <summary>
    /// Makes the name server answer for the containers that are attached, and for one more; starts it if it does not run.
    /// </summary>
    /// <param name="container">The container, whose record may not have been written yet.</param>
    /// <param name="networks">Those of its networks that must be served. Others are served if their bridges have their addresses.</param>
    /// <param name="budget">The time for it.</param>
    /// <param name="isRepair">Whether the process reads its files again although they have not changed.</param>
    /// <exception cref="CtrConflictException">PortInUse, NetworkNameInUse.</exception>
    /// <exception cref="CtrNotFoundException">NameServerMissing.</exception>
    /// <exception cref="CtrRuntimeException">NameServerFailed.</exception>
    internal void Serve(AttachmentRecord container, IReadOnlyList<AttachedNetwork> networks, TimeBudget budget, bool isRepair = false)
    {
        var all = Attached()
            .Where(c => c.Request.Attachment != container.Request.Attachment || c.Request.Folders.State != _folders.State)
            .ToList();
        RequireNames(container, networks, all);
        var process = _process.Find();
        var served = process is null ? [] : ServedAddresses();
        // The reason why it would not start, or not listen at further addresses.
        foreach (var network in networks)
        foreach (var address in network.NameServers.Where(a => !served.Contains(a)))
            RequirePort(address, network.Name, budget);
        var required = networks.SelectMany(n => n.NameServers).ToHashSet(StringComparer.Ordinal);
        all.Insert(0, container);
        var files = NameServerFiles.Write(all, a => required.Contains(a) || CanListen(a, served));
        NetworkFolders.MakeState(_folder);
        if (!Apply(files, process, isRepair))
            _process.Start(networks[0].Name, all, budget);
    }

    /// <summary>
    /// Removes the names of containers that are no longer attached, and ends the process with the last one. If it ended although there are
    /// others, it is started again. Nothing fails: the next container that is attached puts it in order.
    /// </summary>
    internal void Refresh()
    {
        if (!Directory.Exists(_folder))
            return;
        try
        {
            var process = _process.Find();
            var served = process is null ? [] : ServedAddresses();
            var containers = Attached().ToList();
            var files = NameServerFiles.Write(containers, a => CanListen(a, served));
            if (files.Count > 0)
            {
                if (!Apply(files, process))
                    _process.Start("", containers, new TimeBudget(NetworkLimits.NameServer));
                return;
            }

            _process.End();
            PrivateTree.TryRemove(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CtrException)
        {
            // The files are written again with the next container.
        }
    }

    /// <summary>Ends the process, and starts another one with the files that exist.</summary>
    /// <exception cref="CtrException">It cannot be started, and why.</exception>
    internal void Restart(string network, TimeBudget budget)
    {
        _process.End();
        _process.Start(network, [.. Attached()], budget);
    }

    /// <summary>The containers with a name server in networks of this folder and network namespace, of all daemons.</summary>
    internal IEnumerable<AttachmentRecord> Attached()
    {
        var states = Path.GetDirectoryName(_folders.State)!;
        return Directory.Exists(states)
            ? Directory
                .EnumerateDirectories(states)
                .SelectMany(state => AttachmentRecord.ReadAll(new NetworkFolders { State = state }))
                .Where(r => r.Complete && r.Networks.Any(n => n.NameServers.Count > 0) && r.HostNamespace == _namespace)
                .Where(r => r.Request.Folders.Configuration.Count > 0 && r.Request.Folders.Lock == _folders.Lock && r.IsAlive())
            : [];
    }

    /// <summary>In one namespace, several containers may have a name on purpose.</summary>
    private static void RequireNames(
        AttachmentRecord container,
        IReadOnlyList<AttachedNetwork> networks,
        IReadOnlyList<AttachmentRecord> all
    )
    {
        foreach (var network in networks)
        {
            var names = container.NamesIn(network.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var other in all.Where(o => Scope(o) != Scope(container) && o.Networks.Any(n => n.Name == network.Name)))
            {
                if (other.NamesIn(network.Name).FirstOrDefault(names.Contains) is { } name)
                    throw NameServerErrors.NameInUse(container, name, network.Name, other);
            }
        }

        static (string, string) Scope(AttachmentRecord record) => (record.Request.Folders.State, record.Request.Namespace);
    }

    private static void RequirePort(string address, string network, TimeBudget budget)
    {
        var error = TryListen(address);
        // The kernel looks first for other hosts that have the new IPv6 address of the bridge.
        while (error == LibcNetworks.EADDRNOTAVAIL && budget.Remaining > TimeSpan.Zero)
        {
            Thread.Sleep(Step);
            error = TryListen(address);
        }

        if (error == LibcNetworks.EADDRINUSE)
            throw NameServerErrors.PortInUse(network, address);
        if (error == LibcNetworks.EADDRNOTAVAIL)
            throw NameServerErrors.NoAddress(network, address);
    }

    /// <summary>
    /// Whether the program can listen at an address. One that it cannot, of a network whose bridge was removed, for example, would end it
    /// for all networks.
    /// </summary>
    private static bool CanListen(string address, HashSet<string> served)
    {
        var error = TryListen(address);
        return error == 0 || (error == LibcNetworks.EADDRINUSE && served.Contains(address));
    }

    private static int TryListen(string address) =>
        IPAddress.TryParse(address, out var parsed)
            ? LibcNetworks.TryBind(udp: true, parsed.GetAddressBytes(), NameQuery.Port)
            : LibcNetworks.EADDRNOTAVAIL;

    /// <summary>The addresses in the files of the process.</summary>
    private HashSet<string> ServedAddresses() =>
        Directory.Exists(_folder)
            ? FilesThatExist().SelectMany(f => NameServerFiles.AddressesOf(File.ReadAllText(f))).ToHashSet(StringComparer.Ordinal)
            : [];

    private IEnumerable<string> FilesThatExist() =>
        Directory.EnumerateFiles(_folder).Where(path => NameServerFiles.IsFile(Path.GetFileName(path)));

    /// <summary>Writes the files, and makes the process read them.</summary>
    /// <returns>Whether the process runs.</returns>
    private bool Apply(SortedDictionary<string, string> files, ProcessMark? process, bool isRepair = false)
    {
        var left = ServedAddresses().Except(files.Values.SelectMany(NameServerFiles.AddressesOf)).ToList();
        var isChanged = Write(files);
        if (process is not { } running)
            return false;
        if (isChanged || isRepair)
            NameServerProcess.Reload(running);
        WaitUntilLeft(running, left);
        return running.IsAlive;
    }

    /// <summary>
    /// Versions before 1.11 end if a file disappears while they read the files, also for an earlier change. So the process is observed
    /// until it has read them without the file.
    /// </summary>
    private static void WaitUntilLeft(ProcessMark process, IReadOnlyList<string> addresses)
    {
        var budget = new TimeBudget(ReadPatience);
        while (process.IsAlive && addresses.Any(a => TryListen(a) == LibcNetworks.EADDRINUSE) && budget.Remaining > TimeSpan.Zero)
            Thread.Sleep(Step);
    }

    /// <returns>Whether a file changed.</returns>
    private bool Write(SortedDictionary<string, string> files)
    {
        var isChanged = false;
        foreach (var path in FilesThatExist().Where(path => !files.ContainsKey(Path.GetFileName(path))).ToList())
        {
            LibcFiles.Delete(path);
            isChanged = true;
        }

        foreach (var (name, text) in files)
        {
            var path = Path.Combine(_folder, name);
            if (File.Exists(path) && File.ReadAllText(path) == text)
                continue;
            // The program reads all files of its folder, also one that is not complete.
            TrustedFolder.Write(path, Encoding.UTF8.GetBytes(text), part: _folder + ".part");
            isChanged = true;
        }

        return isChanged;
    }
}
