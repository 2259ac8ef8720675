using System.Buffers.Binary;
using System.Text;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>A 64-bit ELF file of the byte order that x64 and arm64 have, as far as the tests read it.</summary>
internal sealed class ElfFile
{
    private const uint Needed = 0x6ffffffe;

    private readonly byte[] _bytes;

    internal ElfFile(string path)
    {
        _bytes = File.ReadAllBytes(path);
        Assert.Equal("\u007FELF\u0002\u0001"u8.ToArray(), _bytes[..6]);
    }

    /// <summary>The processor that it is for.</summary>
    internal ushort Machine => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(18));

    /// <summary>
    /// The versions of other files' symbols that it requires (section .gnu.version_r), as in <c>libc.so.6: GLIBC_2.17</c>.
    /// </summary>
    internal List<string> RequiredVersions()
    {
        var versions = new List<string>();
        var sections = (int)Read64(40);
        for (var i = 0; i < Read16(60); i++)
        {
            var section = sections + (i * Read16(58));
            if (Read32(section + 4) != Needed)
                continue;
            var names = (int)Read64(sections + ((int)Read32(section + 40) * Read16(58)) + 24);
            // Elf64_Verneed, each with a list of Elf64_Vernaux.
            var file = (int)Read64(section + 24);
            for (var remaining = Read32(section + 44); remaining > 0; remaining--)
            {
                var entry = file + (int)Read32(file + 8);
                for (var count = Read16(file + 2); count > 0; count--)
                {
                    versions.Add($"{Text(names + (int)Read32(file + 4))}: {Text(names + (int)Read32(entry + 8))}");
                    entry += (int)Read32(entry + 12);
                }

                file += (int)Read32(file + 12);
            }
        }

        return versions;
    }

    private ushort Read16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(at));

    private uint Read32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(at));

    private ulong Read64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(at));

    private string Text(int at) => Encoding.ASCII.GetString(_bytes.AsSpan(at, _bytes.AsSpan(at).IndexOf((byte)0)));
}
