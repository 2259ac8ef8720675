using System.Globalization;
using System.Text;

namespace Containerd.Host;

/// <summary>
/// Looks up users and groups in <c>/etc/passwd</c> and <c>/etc/group</c> as Docker does: a user gets the group of its passwd entry and
/// every group that lists it; a number without an entry gets group 0; a specified group replaces them all. For the accepted lines, see
/// docs/architecture.md, "Files from elsewhere".
/// </summary>
public sealed class UserLookup : IUserLookup
{
    // Far larger than any real user database; an image must not be able to exhaust memory.
    private const int MaxFileLength = 16 << 20;

    // The limit of runc.
    private const uint MaxId = int.MaxValue;

    private readonly List<User> users;
    private readonly List<Group> groups;

    /// <summary>Parses both files. Lines that are not entries are skipped.</summary>
    /// <param name="passwd">The content of <c>/etc/passwd</c>; null if the file does not exist.</param>
    /// <param name="group">The content of <c>/etc/group</c>; null if the file does not exist.</param>
    /// <exception cref="CtrDataException"><c>UserFileTooLarge</c>: a file is larger than 16 MiB.</exception>
    public UserLookup(Stream? passwd, Stream? group)
    {
        users = ParseUsers(Fields(passwd, "/etc/passwd"));
        groups = ParseGroups(Fields(group, "/etc/group"));
    }

    /// <summary>Reads both files of a root filesystem.</summary>
    /// <param name="rootfs">The root filesystem.</param>
    /// <returns>The lookup, which no longer needs it.</returns>
    public static UserLookup From(IRootfs rootfs)
    {
        ArgumentNullException.ThrowIfNull(rootfs);
        using var passwd = rootfs.OpenRead("/etc/passwd");
        using var group = rootfs.OpenRead("/etc/group");
        return new UserLookup(passwd, group);
    }

    /// <summary>A lookup in the mounts of a snapshot, which are read at the first lookup.</summary>
    /// <param name="mounts">The mounts, as Snapshots.Mounts returns them.</param>
    /// <returns>The lookup.</returns>
    public static IUserLookup In(IReadOnlyList<SnapshotMount> mounts) => new Deferred(() => RootfsReader.Read(mounts, From));

    /// <summary>A lookup in a root filesystem in a directory, which is read at the first lookup.</summary>
    /// <param name="directory">The directory on this machine; a running task's is <c>/proc/PID/root</c>.</param>
    /// <returns>The lookup.</returns>
    public static IUserLookup In(string directory) => new Deferred(() => RootfsReader.Read(directory, From));

    /// <summary>The names of all users, in the order of the file.</summary>
    internal IEnumerable<string> Names => users.Select(u => u.Name);

    /// <summary>The name of a user by id.</summary>
    /// <param name="uid">The id of the user.</param>
    /// <returns>The name of the first entry with it; null for none.</returns>
    public string? NameOf(uint uid) => users.Find(u => u.Uid == uid)?.Name;

    /// <inheritdoc/>
    public CtrSpecUser Find(string user, IReadOnlyList<string> additionalGroups)
    {
        ArgumentNullException.ThrowIfNull(additionalGroups);
        var (name, groupName) = Split(user);
        var uid = Number(name, user);
        // Digits are an id, and never a name, even if a line with another id has that name.
        var entry = uid is { } number ? users.Find(u => u.Uid == number) : users.Find(u => u.Name == name);
        if (entry is null && uid is null)
            throw NotFound("user", name, ErrorIds.UserNotFound, "/etc/passwd");

        uint gid;
        List<uint> gids = [];
        if (groupName is not null)
        {
            gid = GroupId(groupName);
        }
        else
        {
            gid = entry?.Gid ?? 0;
            if (entry is not null)
                gids.AddRange(groups.Where(g => g.Members.Contains(entry.Name)).Select(g => g.Gid));
        }
        gids.AddRange(additionalGroups.Select(GroupId));
        return Make(entry?.Uid ?? uid!.Value, gid, gids);
    }

    /// <summary>Finds a user without reading a file: by number, or root.</summary>
    /// <returns>The user; null if a file is needed.</returns>
    internal static CtrSpecUser? FindByNumber(string user, IReadOnlyList<string> additionalGroups)
    {
        var (name, groupName) = Split(user);
        var uid = name == "root" ? 0 : Number(name, user);
        // The group of an id is in the passwd file; that of root is known.
        var gid = groupName is null
            ? uid == 0
                ? 0
                : null
            : groupName == "root"
                ? 0
                : Number(groupName, user);
        var more = additionalGroups.Select(g => Number(g, g)).ToList();
        return uid is null || gid is null || more.Contains(null) ? null : Make(uid.Value, gid.Value, more.Select(g => g!.Value));
    }

    private static CtrSpecUser Make(uint uid, uint gid, IEnumerable<uint> gids)
    {
        // With the primary group among the supplementary ones, a process cannot drop it to access files that are denied to the group.
        uint[] all = [.. gids.Prepend(gid).Distinct()];
        return new CtrSpecUser
        {
            Uid = uid,
            Gid = gid,
            AdditionalGids = all,
        };
    }

    private static (string User, string? Group) Split(string user)
    {
        ArgumentNullException.ThrowIfNull(user);
        var parts = user.Trim().Split(':');
        if (parts.Length > 2)
            throw InvalidUser(user, "has more than one colon");
        return (parts[0].Length == 0 ? "0" : parts[0], parts.Length > 1 && parts[1].Length > 0 ? parts[1] : null);
    }

    /// <summary>Parses a number; null for a name. A number that is too large would wrap around, possibly to 0, and is rejected.</summary>
    private static uint? Number(string text, string whole)
    {
        if (
            text.Length == 0
            || text.AsSpan(text[0] is '-' or '+' ? 1 : 0) is var digits && (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        )
            return null;
        return
            uint.TryParse(text.AsSpan(text[0] == '+' ? 1 : 0), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= MaxId
            ? number
            : throw InvalidUser(whole, $"has a number that is not between 0 and {MaxId}");
    }

    private uint GroupId(string group)
    {
        if (Number(group, group) is { } gid)
            return gid;
        return groups.Find(g => g.Name == group)?.Gid ?? throw NotFound("group", group, ErrorIds.GroupNotFound, "/etc/group");
    }

    private static List<User> ParseUsers(IEnumerable<string[]> lines)
    {
        var users = new List<User>();
        foreach (var f in lines)
        {
            // A line without a user id would make the user root; without a group id, Docker uses group 0.
            if (f.Length >= 3 && f[0].Length > 0 && TryId(f[2], out var uid) && GroupOf(f) is { } gid)
                users.Add(new User(f[0], uid, gid));
        }
        return users;
    }

    private static List<Group> ParseGroups(IEnumerable<string[]> lines)
    {
        var groups = new List<Group>();
        foreach (var f in lines)
            if (f.Length >= 3 && f[0].Length > 0 && TryId(f[2], out var gid))
                groups.Add(
                    new Group(
                        f[0],
                        gid,
                        f.Length > 3 ? f[3].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : []
                    )
                );
        return groups;
    }

    private static uint? GroupOf(string[] user) =>
        user.Length < 4 ? 0
        : TryId(user[3], out var gid) ? gid
        : user[3].Length > 0 && !user[3].AsSpan().ContainsAnyExceptInRange('0', '9') ? null
        : 0;

    private static bool TryId(string text, out uint id) =>
        uint.TryParse(text.StartsWith('+') ? text.AsSpan(1) : text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id <= MaxId;

    private static IEnumerable<string[]> Fields(Stream? stream, string name)
    {
        if (stream is null)
            return [];
        var content = new MemoryStream();
        var buffer = new byte[16384];
        for (int read; (read = stream.Read(buffer)) > 0; )
        {
            content.Write(buffer, 0, read);
            if (content.Length > MaxFileLength)
                throw new CtrDataException($"The container's {name} is larger than {MaxFileLength >> 20} MiB.")
                {
                    ErrorId = ErrorIds.UserFileTooLarge,
                    Subject = name,
                    Remedy = "Specify the user as numbers, uid:gid.",
                };
        }
        return Encoding
            .UTF8.GetString(content.GetBuffer(), 0, (int)content.Length)
            .TrimStart('\uFEFF')
            .Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] is not ('#' or '+' or '-'))
            .Select(line => line.Split(':'));
    }

    private static CtrArgumentException InvalidUser(string user, string what) =>
        new($"The user '{user}' {what}.")
        {
            ErrorId = ErrorIds.InvalidUser,
            Subject = user,
            Remedy = "Specify a user by name or number, optionally with a group, as user:group.",
        };

    private static CtrNotFoundException NotFound(string what, string name, string errorId, string file) =>
        new($"The {what} '{name}' is not in the container's {file}.")
        {
            ErrorId = errorId,
            Subject = name,
            Remedy = $"Use a {what} that exists in the image, or a number, which does not require an entry.",
        };

    private sealed record User(string Name, uint Uid, uint Gid);

    private sealed record Group(string Name, uint Gid, string[] Members);

    /// <summary>Reads the files when they are needed, and not if ids are sufficient.</summary>
    private sealed class Deferred(Func<UserLookup> read) : IUserLookup
    {
        private readonly Lazy<UserLookup> lookup = new(read);

        public CtrSpecUser Find(string user, IReadOnlyList<string> additionalGroups)
        {
            try
            {
                return lookup.Value.Find(user, additionalGroups);
            }
            catch (CtrException e) when (e.ErrorId == ErrorIds.RootfsNotReadable)
            {
                if (FindByNumber(user, additionalGroups) is { } found)
                    return found;
                throw;
            }
        }
    }
}
