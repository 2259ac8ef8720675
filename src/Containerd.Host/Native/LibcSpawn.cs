using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>
/// Runs a program whose streams are files in memory: nothing has to be pumped, and a child of the program that keeps its output open does
/// not delay the end. The program has a process group of its own, which can be killed as a whole.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LibcSpawn
{
    private const uint MFD_CLOEXEC = 1;
    private const short POSIX_SPAWN_SETPGROUP = 2;
    private const short POSIX_SPAWN_SETSIGDEF = 4;
    private const short POSIX_SPAWN_SETSIGMASK = 8;
    private const int SIGKILL = 9;
    private const int ENOSYS = 38;
    private const nint SYS_pidfd_open = 434;

    // More than the opaque structures of glibc have on any platform.
    private const int OpaqueSize = 1024;

    private const int MostOutput = 1 << 20;
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);

    /// <summary>Runs a program to its end, or kills it.</summary>
    /// <param name="program">Its absolute path.</param>
    /// <param name="arguments">Its arguments, without its own name.</param>
    /// <param name="environment">Its environment, each entry as NAME=value.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="limit">The time after which its process group is killed.</param>
    /// <exception cref="IOException">It cannot be started; HResult is the error number.</exception>
    internal static SpawnResult Run(
        string program,
        IReadOnlyList<string> arguments,
        IEnumerable<string> environment,
        ReadOnlySpan<byte> input,
        TimeSpan limit
    )
    {
        if (!Path.IsPathFullyQualified(program))
            throw new ArgumentException($"'{program}' is not an absolute path.", nameof(program));
        using var stdin = Memory("stdin");
        using var stdout = Memory("stdout");
        using var stderr = Memory("stderr");
        RandomAccess.Write(stdin, input, 0);
        var pid = Start(program, [Path.GetFileName(program), .. arguments], [.. environment], stdin, stdout, stderr);
        var ended = WaitForEnd(pid, limit, out var status);
        if (!ended)
        {
            _ = Kill(-pid, SIGKILL);
            _ = Kill(pid, SIGKILL);
            _ = WaitForEnd(pid, KillPatience, out status);
        }

        return new SpawnResult(!ended, ExitCodeOf(status), Content(stdout), Content(stderr));
    }

    /// <summary>A handle that is readable when a process has ended (Linux 5.3).</summary>
    /// <returns>The handle; null if the process does not exist, or the kernel has no such handles.</returns>
    /// <param name="pid">The process.</param>
    /// <param name="supported">Whether the kernel has such handles.</param>
    internal static SafeFileHandle? OpenProcess(int pid, out bool supported)
    {
        var descriptor = Syscall(SYS_pidfd_open, pid, 0);
        supported = descriptor >= 0 || Marshal.GetLastPInvokeError() != ENOSYS;
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }

    private static bool WaitForEnd(int pid, TimeSpan limit, out int status)
    {
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        using var handle = OpenProcess(pid, out _);
        while (true)
        {
            int text;
            var ended = WaitProcess(pid, &text, handle is null || !LibcPoll.IsReadable(handle, 0) ? WNOHANG : 0);
            status = text;
            if (ended == pid)
                return true;
            if (ended < 0 && Marshal.GetLastPInvokeError() != LibcFiles.EINTR)
            {
                // The runtime of this process has already taken its exit code.
                status = 0;
                return true;
            }

            var remaining = end - Environment.TickCount64;
            if (remaining <= 0)
                return false;
            if (handle is not null)
                _ = LibcPoll.IsReadable(handle, (int)Math.Min(remaining, int.MaxValue));
            else
                Thread.Sleep(5);
        }
    }

    private const int WNOHANG = 1;

    private static int ExitCodeOf(int status) => (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);

    private static int Start(
        string program,
        string[] arguments,
        string[] environment,
        SafeFileHandle stdin,
        SafeFileHandle stdout,
        SafeFileHandle stderr
    )
    {
        var attributes = (byte*)NativeMemory.AllocZeroed(OpaqueSize);
        var actions = (byte*)NativeMemory.AllocZeroed(OpaqueSize);
        var signals = (byte*)NativeMemory.AllocZeroed(OpaqueSize);
        var argumentList = Strings(arguments);
        var environmentList = Strings(environment);
        try
        {
            _ = AttributesInit(attributes);
            _ = ActionsInit(actions);
            // .NET ignores SIGPIPE, and an ignored signal would stay ignored in the program.
            _ = SetFlags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
            _ = SetGroup(attributes, 0);
            _ = EmptySignals(signals);
            _ = SetMask(attributes, signals);
            _ = FillSignals(signals);
            _ = SetDefaults(attributes, signals);
            _ = AddDuplicate(actions, (int)stdin.DangerousGetHandle(), 0);
            _ = AddDuplicate(actions, (int)stdout.DangerousGetHandle(), 1);
            _ = AddDuplicate(actions, (int)stderr.DangerousGetHandle(), 2);
            int pid;
            var error = Spawn(&pid, program, actions, attributes, argumentList, environmentList);
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
            return error == 0 ? pid : throw new IOException($"'{program}': {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
        finally
        {
            Free(argumentList);
            Free(environmentList);
            NativeMemory.Free(signals);
            NativeMemory.Free(actions);
            NativeMemory.Free(attributes);
        }
    }

    private static SafeFileHandle Memory(string name)
    {
        var descriptor = MemoryFile(name, MFD_CLOEXEC);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"memfd_create: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
    }

    private static byte[] Content(SafeFileHandle file)
    {
        var content = new byte[Math.Min(LibcFiles.LengthOf(file), MostOutput)];
        var length = RandomAccess.Read(file, content, 0);
        return length == content.Length ? content : content[..length];
    }

    private static byte** Strings(string[] texts)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Length + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Length; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(texts[i]);
            list[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(list[i], bytes.Length));
        }

        return list;
    }

    private static void Free(byte** list)
    {
        for (var at = list; *at is not null; at++)
            NativeMemory.Free(*at);
        NativeMemory.Free(list);
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(int* pid, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    private static partial int SetGroup(byte* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int EmptySignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int FillSignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitProcess(int pid, int* status, int options);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b);
}
