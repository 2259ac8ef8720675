using Containerd.Host.Native;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Item;

/// <summary>A tree with one of everything that a file system may hold, and what is there to compare of it.</summary>
internal static class SampleTree
{
    // Capability sets, version 2: cap_net_raw permitted and effective (linux/capability.h, vfs_cap_data).
    private static readonly byte[] Capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    // An access list, version 2: owner rw, user 1000 r, group r, mask r, others nothing (linux/posix_acl_xattr.h).
    private static readonly byte[] AccessList =
    [
        2,
        0,
        0,
        0,
        1,
        0,
        6,
        0,
        255,
        255,
        255,
        255,
        2,
        0,
        4,
        0,
        0xE8,
        3,
        0,
        0,
        4,
        0,
        4,
        0,
        255,
        255,
        255,
        255,
        0x10,
        0,
        4,
        0,
        255,
        255,
        255,
        255,
        0x20,
        0,
        0,
        0,
        255,
        255,
        255,
        255,
    ];

    private static readonly (string Path, string Name, byte[] Value)[] Attributes =
    [
        ("dir/file", "user.note", [0, 1, 255]),
        ("dir", "user.about", [7]),
        ("dir/setuid", "security.capability", Capability),
        ("dir/shared", "system.posix_acl_access", AccessList),
        ("dangling", "trusted.mark", [5]),
    ];

    internal static async Task MakeAsync(string folder)
    {
        await Shell.RunAsync(
            "bash",
            "-ec",
            """
            mkdir "$1"; cd "$1"
            mkdir -p dir/empty dir/sub dir/locked
            echo hello > dir/file; chmod 640 dir/file; chown 1000:29 dir/file
            echo shared > dir/shared
            echo program > dir/setuid; chown 0:1000 dir/setuid; chmod 6755 dir/setuid
            chown 12345:54321 dir/sub; chmod 1777 dir/sub
            echo inside > dir/locked/file; chmod 555 dir/locked; chmod 0 dir/locked/file
            ln -s /etc/passwd absolute; ln -s ../../../../../../../etc/passwd climbing; ln -s dir/file relative; ln -s nowhere dangling; ln -s dir todir
            chown -h 1000:1001 dangling
            echo linked > dir/one; ln dir/one dir/sub/two; ln dir/one three
            ln -s somewhere link; ln link link-again
            mkfifo -m 620 fifo; mknod -m 666 null c 1 3; mknod -m 600 block b 7 200; chown 5:6 fifo null
            : > nothing
            truncate -s 1G sparse
            printf start | dd of=sparse conv=notrunc status=none
            printf middle | dd of=sparse oflag=seek_bytes seek=536870999 conv=notrunc status=none
            printf end | dd of=sparse oflag=seek_bytes seek=1073741821 conv=notrunc status=none
            truncate -s 5000000 hole
            head -c 3000001 /dev/urandom > random
            echo x > $'new\nline'; echo x > ' blanks '; echo x > '*?[x]'; echo x > -dash; echo x > $'b\200d'; mkdir $'\377dir'; echo x > $'\377dir/\376'
            echo x > "$(printf 'n%.0s' {1..255})"
            """,
            "bash",
            folder
        );
        foreach (var (path, name, value) in Attributes)
        {
            using var file = Hold(Path.Combine(folder, path));
            Assert.Equal(0, LibcFiles.SetAttribute(file, System.Text.Encoding.ASCII.GetBytes(name), value));
        }

        // Last of all, and what is in a directory before the directory itself.
        await Shell.RunAsync(
            "bash",
            "-ec",
            """cd "$1"; n=0; find . -depth -print0 | while IFS= read -rd '' f; do n=$((n+1)); touch -hd "2001-02-03 04:05:06.$((123456000+n))" "$f"; done""",
            "bash",
            folder
        );
    }

    /// <summary>All visible properties of a tree: one line for each name, with names quoted as by the shell.</summary>
    internal static async Task<string[]> ReadAsync(string folder)
    {
        var text = await Shell.RunAsync(
            "bash",
            "-ec",
            """
            cd "$1"; export LC_ALL=C QUOTING_STYLE=c
            find . -type d -print0 | sort -z | xargs -0r stat -c '%N %f %u:%g %.9Y'
            find . ! -type d -print0 | sort -z | xargs -0r stat -c '%N %f %u:%g %.9Y %h %t:%T %s %b'
            find . -type f -size -100M -print0 | sort -z | xargs -0r sha256sum | cat -v
            [ dir/one -ef three ] && [ dir/one -ef dir/sub/two ] && echo 'one is two is three'
            [ link -ef link-again ] || find . -samefile link | sort
            """,
            "bash",
            folder
        );
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        foreach (var (path, name, _) in Attributes)
        {
            using var file = Hold(Path.Combine(folder, path));
            lines.Add(
                $"{path} {name} {Convert.ToHexString(LibcFiles.GetAttribute(file, System.Text.Encoding.ASCII.GetBytes(name)) ?? [])}"
            );
        }

        return [.. lines];
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle Hold(string path) =>
        LibcMounts.Open(path, LibcMounts.O_PATH | LibcMounts.O_NOFOLLOW, out var error) ?? throw new IOException($"{path}: {error}");
}
