using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Principal;
using Containerd.Host;
using Containerd.Host.Native;

namespace Containerd.Client.Transport;

/// <summary>Opens byte streams to a daemon, and reports in one clear error why one cannot be opened.</summary>
internal static class DaemonEndpoint
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Opens a stream to a local daemon.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="met">Receives the process that serves a Unix domain socket, which changes after a restart.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal static async ValueTask<Stream> OpenAsync(
        ContainerdAddress address,
        Action<LocalDaemon?>? met,
        CancellationToken cancellationToken
    )
    {
        if (address.Scheme == "npipe")
            return await OpenPipeAsync(address, cancellationToken).ConfigureAwait(false);
        var socket = await ConnectSocketAsync(address, cancellationToken).ConfigureAwait(false);
        met?.Invoke(PeerOf(socket));
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>
    /// Tests the address first, so that a missing socket is reported within milliseconds; returns the process that serves it.
    /// </summary>
    internal static async Task<LocalDaemon?> ProbeAsync(ContainerdAddress address, CancellationToken cancellationToken)
    {
        if (address.Scheme != "unix")
        {
            if (address.Scheme == "npipe")
                await (await OpenPipeAsync(address, cancellationToken).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            return null;
        }

        using var socket = await ConnectSocketAsync(address, cancellationToken).ConfigureAwait(false);
        var daemon = PeerOf(socket);
        if (daemon?.IsInForeignUserNamespace() == true)
            throw Rootless(address, daemon.Pid);
        return daemon;
    }

    private static async Task<Socket> ConnectSocketAsync(ContainerdAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.Path), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw Explain(address, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static CtrException Explain(ContainerdAddress address, SocketException e)
    {
        if (RootlessDaemon() is int pid)
        {
            return new CtrConnectionException(
                $"There is no socket at {address.Path} that this process can use; a rootless containerd runs in the namespaces of "
                    + $"process {pid}, and its sockets are in them.",
                e
            )
            {
                ErrorId = ErrorIds.RootlessDaemon,
                Subject = address.ToString(),
                Remedy = EnterRootless(pid),
            };
        }

        if (e.SocketErrorCode == SocketError.AccessDenied)
        {
            return new CtrPermissionException($"This user is not allowed to use the daemon's socket {address.Path}.", e)
            {
                ErrorId = ErrorIds.SocketPermissionDenied,
                Subject = address.ToString(),
                Remedy = "Run as root, or set one of your groups as the group of the socket in the daemon's configuration ([grpc] gid).",
            };
        }

        if (
            OperatingSystem.IsLinux()
            && LibcMounts.TryStat(address.Path, followLinks: true, out var stat)
            && stat.Kind is not (FileKind.Socket or FileKind.Other)
        )
        {
            return new CtrConnectionException(
                $"{address.Path} is not a socket but a {(stat.Kind == FileKind.Directory ? "directory" : "file")}.",
                e
            )
            {
                ErrorId = ErrorIds.NotASocket,
                Subject = address.ToString(),
                Remedy = "Use the path of the daemon's socket, such as unix:///run/containerd/containerd.sock.",
            };
        }

        var exists = File.Exists(address.Path);
        return new CtrConnectionException(
            exists
                ? $"No process listens on {address.Path}: the socket exists, but its daemon is not running ({e.SocketErrorCode})."
                : $"There is no daemon socket at {address.Path}.",
            e
        )
        {
            ErrorId = exists ? ErrorIds.DaemonNotListening : ErrorIds.SocketNotFound,
            Subject = address.ToString(),
            Remedy =
                "Start containerd (systemctl start containerd), or use the address of another socket (also CONTAINERD_ADDRESS in "
                + "the environment).",
        };
    }

    /// <summary>The process in whose namespaces this user's rootless containerd runs (rootlesskit's child), if there is one.</summary>
    private static int? RootlessDaemon()
    {
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        if (string.IsNullOrEmpty(runtime))
            return null;
        try
        {
            var text = File.ReadAllText(Path.Combine(runtime, "containerd-rootless", "child_pid"));
            // The process is already inside its namespace.
            return int.TryParse(text.AsSpan().Trim(), out var pid) && new LocalDaemon(pid).IsInForeignUserNamespace() ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static CtrConnectionException Rootless(ContainerdAddress address, int pid) =>
        new($"A rootless containerd serves {address}: it runs in the user namespace of process {pid}, and this process does not.")
        {
            ErrorId = ErrorIds.RootlessDaemon,
            Subject = address.ToString(),
            Remedy = EnterRootless(pid),
        };

    private static string EnterRootless(int pid) =>
        $"Start this program inside that namespace with: nsenter -U --preserve-credentials -m -n -t {pid}";

    private static LocalDaemon? PeerOf(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        var pid = MemoryMarshal.Read<int>(credentials);
        // A peer of another pid namespace has no id here.
        return pid > 0 ? new LocalDaemon(pid) : null;
    }

    private static async Task<Stream> OpenPipeAsync(ContainerdAddress address, CancellationToken cancellationToken)
    {
        var pipe = new NamedPipeClientStream(
            ".",
            address.Path,
            PipeDirection.InOut,
            PipeOptions.Asynchronous,
            TokenImpersonationLevel.Anonymous
        );
        try
        {
            await pipe.ConnectAsync(500, cancellationToken).ConfigureAwait(false);
            return pipe;
        }
        catch (Exception e) when (e is TimeoutException or IOException or UnauthorizedAccessException)
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            throw new CtrConnectionException($"No daemon is listening on the pipe {address.Path}.", e)
            {
                ErrorId = ErrorIds.SocketNotFound,
                Subject = address.ToString(),
                RemedyId = "WindowsService",
                Remedy = "Start the containerd service, and run as an administrator.",
            };
        }
    }
}
