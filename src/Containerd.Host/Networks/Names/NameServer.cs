using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Files;
using Containerd.Host.Native;
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
    private const string PidFile = "aardvark.pid";
    private const string Udp = "udp";
    private const int Hangup = 1;
    private const int Kill = 9;
    private const int Step = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NetworkFolders _folders;
    private readonly string _namespace;
    private readonly string _folder;

    internal NameServer(NetworkFolders folders)
    {
        _folders = folders;
        _namespace = LibcNetworks.NamespaceOf("thread-self") ?? "";
        _folder = folders.NamesOf(_namespace);
    }

    /// <summary>Whether a container has a network with a name server.</summary>
    internal static bool IsUsedBy(AttachmentRecord container) => container.Networks.Any(n => n.NameServers.Count > 0);

    /// <summary>Whether the process runs.</summary>
    internal bool IsRunning => Find() is not null;

    /// <summary>
    /// Makes the name server answer for the containers that are attached, and for one more; starts it if it does not run.
    /// </summary>
    /// <param name="container">The container, whose record may not have been written yet.</param>
    /// <exception cref="CtrConflictException">PortInUse, NetworkNameInUse.</exception>
    /// <exception cref="CtrNotFoundException">NameServerMissing.</exception>
    /// <exception cref="CtrRuntimeException">NameServerFailed.</exception>
    internal void Serve(AttachmentRecord container)
    {
        var all = Attached()
            .Where(c => c.Request.Attachment != container.Request.Attachment || c.Request.Folders.State != _folders.State)
            .ToList();
        RequireNames(container, all);
        var files = NameServerFiles.Write(all.Append(container));
        var process = Find();
        var network = container.Networks.First(n => n.NameServers.Count > 0).Name;
        // The reason why it would not start, or not listen at further addresses.
        foreach (
            var address in files
                .Where(f => process is null || !File.Exists(Of(f.Key)))
                .SelectMany(f => NameServerFiles.AddressesOf(f.Value))
        )
            RequirePort(address, network);
        NetworkFolders.MakeState(_folder);
        var changed = Write(files);
        if (process is null)
            Start(network);
        else if (changed)
            process.Value.Signal(Hangup);
    }

    /// <summary>
    /// Removes the names of containers that are no longer attached, and ends the process with the last one. It is not started, and nothing
    /// fails: the next container that is attached puts it in order.
    /// </summary>
    internal void Refresh()
    {
        if (!Directory.Exists(_folder))
            return;
        try
        {
            var files = NameServerFiles.Write(Attached());
            var process = Find();
            if (files.Count > 0)
            {
                if (Write(files))
                    process?.Signal(Hangup);
                return;
            }

            if (process is { } last)
                End(last);
            PrivateTree.TryRemove(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CtrPermissionException)
        {
            // The files are written again with the next container.
        }
    }

    /// <summary>The containers with a name server in networks of this folder and network namespace, of all daemons.</summary>
    internal IEnumerable<AttachmentRecord> Attached()
    {
        var states = Path.GetDirectoryName(_folders.State)!;
        return Directory.Exists(states)
            ? Directory
                .EnumerateDirectories(states)
                .SelectMany(state => AttachmentRecord.ReadAll(new NetworkFolders { State = state }))
                .Where(r => r.Complete && IsUsedBy(r) && r.HostNamespace == _namespace)
                .Where(r => r.Request.Folders.Configuration.Count > 0 && r.Request.Folders.Lock == _folders.Lock && r.IsAlive())
            : [];
    }

    /// <summary>
    /// A name server has one set of names for all clients, so a name of two namespaces would lead to the wrong container. In one namespace,
    /// several containers may have a name on purpose.
    /// </summary>
    private static void RequireNames(AttachmentRecord container, IReadOnlyList<AttachmentRecord> all)
    {
        foreach (var network in container.Networks.Where(n => n.NameServers.Count > 0))
        {
            var names = container.NamesIn(network.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var other in all.Where(o => Scope(o) != Scope(container) && o.Networks.Any(n => n.Name == network.Name)))
            {
                if (other.NamesIn(network.Name).FirstOrDefault(names.Contains) is { } name)
                    throw new CtrConflictException(
                        $"The container '{container.Request.Container}' has the name '{name}' in the network '{network.Name}', which the "
                            + $"container '{other.Request.Container}' in the namespace '{other.Request.Namespace}' also has."
                    )
                    {
                        ErrorId = ErrorIds.NetworkNameInUse,
                        Subject = name,
                        Remedy =
                            "Use another name, or another network: a network whose names are resolved by DNS has the names of all "
                            + "namespaces.",
                    };
            }
        }

        static (string, string) Scope(AttachmentRecord record) => (record.Request.Folders.State, record.Request.Namespace);
    }

    private static void RequirePort(string address, string network)
    {
        if (!IPAddress.TryParse(address, out var parsed))
            return;
        var error = LibcNetworks.TryBind(udp: true, parsed.GetAddressBytes(), NameQuery.Port);
        // The kernel looks first for other hosts that have the new IPv6 address of the bridge.
        for (var waited = 0; error == LibcNetworks.EADDRNOTAVAIL && waited < NetworkLimits.NameServer.TotalMilliseconds; waited += Step)
        {
            Thread.Sleep(Step);
            error = LibcNetworks.TryBind(udp: true, parsed.GetAddressBytes(), NameQuery.Port);
        }

        if (error != LibcNetworks.EADDRINUSE)
            return;
        throw new CtrConflictException(
            $"The name server of the network '{network}' cannot listen at {address}, port {NameQuery.Port}: the port is in use by "
                + $"{ListeningSockets.HolderOf(Udp, NameQuery.Port)}."
        )
        {
            ErrorId = ErrorIds.PortInUse,
            Subject = network,
            Remedy = "Configure that program to listen only at the addresses that it serves, or resolve names by hosts files.",
        };
    }

    /// <returns>Whether a file changed.</returns>
    private bool Write(SortedDictionary<string, string> files)
    {
        var changed = false;
        foreach (var path in Directory.EnumerateFiles(_folder))
        {
            var name = Path.GetFileName(path);
            if (NameServerFiles.IsFile(name) && !files.ContainsKey(name))
            {
                LibcFiles.Delete(path);
                changed = true;
            }
        }

        foreach (var (name, text) in files)
        {
            if (File.Exists(Of(name)) && File.ReadAllText(Of(name)) == text)
                continue;
            TrustedFolder.Write(Of(name), Encoding.UTF8.GetBytes(text));
            changed = true;
        }

        return changed;
    }

    /// <summary>Starts the program, which continues in the background, in a session of its own and without the streams of a hook.</summary>
    private void Start(string network)
    {
        var program = NameServerProgram.Find(_folders, network);
        LibcFiles.Delete(Of(PidFile));
        SpawnResult result;
        try
        {
            result = LibcSpawn.Run(
                program,
                ["--config", _folder, "--port", NameQuery.Port.ToString(CultureInfo.InvariantCulture), "run"],
                ["PATH=" + HostProgram.SearchPath([])],
                [],
                NetworkLimits.NameServer
            );
        }
        catch (IOException e)
        {
            throw Failed(network, e.Message.TrimEnd('.'), e);
        }

        if (result.TimedOut || result.ExitCode != 0)
            throw Failed(network, ReasonOf(result));
    }

    private static string ReasonOf(SpawnResult result)
    {
        // The parent and the child of the program write a line each, in any order.
        var lines = Encoding
            .UTF8.GetString(result.Error)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.TrimEnd('.'));
        return string.Join("; ", lines) is { Length: > 0 } reason ? reason
            : result.TimedOut ? "it did not start in time"
            : $"it ended with exit code {result.ExitCode}";
    }

    private static void End(ProcessMark process)
    {
        process.Signal(ProcessMark.Terminate);
        // The next one listens at the same addresses.
        for (var waited = 0; process.IsAlive && waited < Patience.TotalMilliseconds; waited += Step)
            Thread.Sleep(Step);
        process.Signal(Kill);
    }

    /// <summary>The process that has this folder: the number in its file may be that of another one by now.</summary>
    private ProcessMark? Find()
    {
        try
        {
            return
                int.TryParse(File.ReadAllText(Of(PidFile)), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && ProcessMark.Of(pid) is { } process
                && File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(_folder)
                && LibcNetworks.NamespaceOf($"{pid}") == _namespace
                ? process
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string Of(string name) => Path.Combine(_folder, name);

    private static CtrRuntimeException Failed(string network, string why, Exception? cause = null) =>
        new($"The name server of the network '{network}' cannot be started: {why}.", cause)
        {
            ErrorId = ErrorIds.NameServerFailed,
            Subject = network,
            Remedy = "Check the program aardvark-dns on the daemon's host, or resolve names by hosts files.",
        };
}
