using Containerd.Host.Native;

namespace Containerd.Client.Workloads.Logs;

/// <summary>The address of a process's output stream, as containerd knows it: a path, a <c>file://</c> URI or a program.</summary>
internal static class StreamAddress
{
    /// <summary>The file for output that is not kept.</summary>
    internal const string Nowhere = "/dev/null";

    /// <summary>
    /// Another name of the same file, for the second stream. If two streams have the same name, containerd's shim closes the file at the
    /// end of the first, and output of the second is lost; a process that writes more than the capacity of a pipe then blocks forever.
    /// </summary>
    internal static string OtherName(string path) => Path.Combine(Path.GetDirectoryName(path)!, ".", Path.GetFileName(path));

    /// <summary>The path of a task's stream, with one name for each file.</summary>
    private static string PathOf(string address)
    {
        var path = address.StartsWith("file://", StringComparison.Ordinal) ? new Uri(address).LocalPath : address;
        return path.StartsWith('/') ? Path.GetFullPath(path) : path;
    }

    /// <summary>The regular file that a stream goes to; null if it goes elsewhere.</summary>
    internal static string? FollowableFile(string address)
    {
        // That of another client may be a FIFO, which would wait for a writer.
        var path = PathOf(address);
        return
            path.StartsWith('/')
            && OperatingSystem.IsLinux()
            && LibcMounts.TryStat(path, followLinks: true, out var stat)
            && stat.Kind == FileKind.File
            ? path
            : null;
    }
}
