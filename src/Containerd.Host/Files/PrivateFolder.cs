using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>
/// Folders for the named pipes and sockets of this process, 0700, under the machine's run directory. They are in a folder of the process,
/// which it locks during its lifetime: folders of killed processes are recognised by the missing lock, and removed by the next process. The
/// process id in the name is only informative, because processes of other pid namespaces may use the same run directory.
/// </summary>
internal static class PrivateFolder
{
    // A folder gets its final name once it is locked.
    private const string Unlocked = ".new-";
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(10);

    private static readonly ConcurrentDictionary<string, bool> Swept = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, (string Path, SafeFileHandle Lock)> Own = new(StringComparer.Ordinal);
    private static readonly object Gate = new();
    private static int _count;

    /// <summary>Creates a folder.</summary>
    /// <param name="kind">The purpose: a separate folder below that of the module.</param>
    internal static string Make(string kind = "stdio")
    {
        // In a world-writable directory, another user may already own a predictable name.
        if (!OperatingSystem.IsLinux() || RunFolder.IsShared)
            return Directory.CreateTempSubdirectory($"containerd-powershell-{kind}-").FullName;
        var name = Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture);
        while (true)
        {
            var root = RunFolder.Make(kind);
            if (Swept.TryAdd(kind, true))
                Sweep(root);
            lock (Gate)
            {
                if (!Own.TryGetValue(kind, out var own))
                    Own[kind] = own = MakeOwn(root);
                var error = LibcFiles.MakeDirectory(own.Lock, Encoding.UTF8.GetBytes(name), (uint)TrustedFolder.FolderMode);
                if (error == 0)
                    return Path.Combine(own.Path, name);
                if (error != LibcMounts.ENOENT)
                    throw new IOException(
                        $"A folder cannot be created in '{own.Path}': "
                            + $"{System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}."
                    );
                // The last folder was removed, and that of this process with it.
                own.Lock.Dispose();
                Own.Remove(kind);
            }
        }
    }

    internal static void Remove(string path)
    {
        if (!PrivateTree.TryRemove(path) || !OperatingSystem.IsLinux())
            return;
        lock (Gate)
        {
            var parent = Path.GetDirectoryName(path)!;
            if (Own.FirstOrDefault(o => o.Value.Path == parent) is not { Key: { } kind, Value.Lock: { } held })
                return;
            try
            {
                // This fails, as intended, while other folders exist in it.
                Directory.Delete(parent);
                held.Dispose();
                Own.Remove(kind);
            }
            catch (IOException) { }
        }
    }

    [SupportedOSPlatform("linux")]
    private static (string Path, SafeFileHandle Lock) MakeOwn(string root)
    {
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessId}-x{RandomNumberGenerator.GetHexString(12, lowercase: true)}"
        );
        var fresh = Path.Combine(root, Unlocked + name);
        Directory.CreateDirectory(fresh, TrustedFolder.FolderMode);
        var held = LibcFiles.LockFolder(fresh) ?? throw new IOException($"The folder '{fresh}' cannot be locked.");
        var path = Path.Combine(root, name);
        Directory.Move(fresh, path);
        return (path, held);
    }

    /// <summary>Removes the folders of processes that no longer exist.</summary>
    [SupportedOSPlatform("linux")]
    private static void Sweep(string root)
    {
        foreach (var folder in new DirectoryInfo(root).EnumerateDirectories())
        {
            if (folder.Name.StartsWith(Unlocked, StringComparison.Ordinal) && DateTime.UtcNow - folder.LastWriteTimeUtc < LongestStart)
                continue;
            // A folder of an earlier version, which did not lock and may still be running: two numbers. A restart of the machine removes
            // it.
            if (folder.Name.All(c => char.IsAsciiDigit(c) || c == '-'))
                continue;
            // Null: its process is running, or another one is removing it.
            using var held = LibcFiles.LockFolder(folder.FullName);
            if (held is not null)
                PrivateTree.TryRemove(folder.FullName);
        }
    }
}
