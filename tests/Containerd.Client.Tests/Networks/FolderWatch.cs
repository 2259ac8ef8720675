using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Tests.Networks;

/// <summary>The names that appear in a folder, in the mount namespace of the thread that starts to watch it.</summary>
internal sealed partial class FolderWatch : IDisposable
{
    private const int Create = 0x100;
    private const int MovedTo = 0x80;
    private const int HeaderLength = 16;

    private readonly SafeFileHandle _events;

    internal FolderWatch(string folder)
    {
        _events = new(Initialize(0), ownsHandle: true);
        Assert.False(_events.IsInvalid);
        Assert.True(Add(_events, folder, Create | MovedTo) >= 0);
    }

    /// <summary>The names so far.</summary>
    internal List<string> Names()
    {
        var names = new List<string>();
        var buffer = new byte[4096];
        while (LibcPoll.IsReadable(_events, 0))
        {
            var length = LibcPoll.Read(_events, buffer);
            for (var at = 0; at < length; )
            {
                var name = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at + HeaderLength - 4));
                names.Add(Encoding.UTF8.GetString(buffer, at + HeaderLength, name).TrimEnd('\0'));
                at += HeaderLength + name;
            }
        }

        return names;
    }

    public void Dispose() => _events.Dispose();

    [LibraryImport("libc", EntryPoint = "inotify_init1")]
    private static partial int Initialize(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Add(SafeFileHandle events, string path, uint mask);
}
