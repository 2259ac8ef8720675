using System.Globalization;
using System.Text;

namespace Containerd;

/// <summary>
/// A mount in a container. The long form <c>type=bind,source=/a,target=/b,readonly</c> and the short forms <c>/a:/b:ro</c> (a path of the
/// host), <c>name:/b</c> (a volume) and <c>/b</c> (a new anonymous volume) convert to it.
/// </summary>
public sealed class CtrMount
{
    /// <summary>PowerShell shows only this message when the value of a parameter cannot be converted.</summary>
    private const string Form =
        "Give it as /on/host:/in/container:ro, as volume:/in/container or, in quotes, as "
        + "'type=bind,source=/on/host,target=/in/container,readonly'.";

    private static readonly string[] ImageOptions = ["nosuid", "nodev", "noexec", "noatime", "ro"];

    private static readonly string[] Propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

    /// <summary>
    /// The kind: <c>bind</c> for a file or directory of the host, <c>volume</c> for a volume, <c>image</c> for the files of an image,
    /// <c>tmpfs</c> for memory, or the name of any other filesystem.
    /// </summary>
    public string Type { get; set; } = "bind";

    /// <summary>
    /// The file or directory on the host for <c>bind</c>; the name of the volume for <c>volume</c>, or an empty text for a new anonymous
    /// volume; the name of the image for <c>image</c>; for another filesystem the source that its mount requires.
    /// </summary>
    public string Source { get; set; } = "";

    /// <summary>The mount point: an absolute path in the container.</summary>
    public string Target { get; set; } = "";

    /// <summary>Additional mount options, such as <c>rshared</c>, <c>nosuid</c>, <c>size=64m</c>.</summary>
    public string[] Options { get; set; } = [];

    /// <summary>Whether the mount is read-only; an image always is.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Whether a directory of the host that does not exist is created; only for <c>bind</c>.</summary>
    public bool CreateSource { get; set; }

    /// <summary>What happens to the mounts below the source; only for <c>bind</c>.</summary>
    public CtrBindRecursion Recursion { get; set; }

    /// <summary>Whether a new volume stays empty, instead of receiving the image's content at the target; only for <c>volume</c>.</summary>
    public bool NoCopy { get; set; }

    /// <summary>The file or directory of the image that is mounted, or an empty text for all of it; only for <c>image</c>.</summary>
    public string SubPath { get; set; } = "";

    /// <summary>Reads a mount.</summary>
    /// <param name="text">
    /// The long form: comma-separated <c>type</c>, <c>source</c> (<c>src</c>), <c>target</c> (<c>destination</c>, <c>dst</c>),
    /// <c>readonly</c> (<c>ro</c>), <c>bind-propagation</c>, <c>bind-recursive</c>, <c>bind-nonrecursive</c>, <c>bind-create-src</c>,
    /// <c>volume-nocopy</c>, <c>subpath</c> (<c>image-subpath</c>), <c>tmpfs-size</c>, <c>tmpfs-mode</c>, <c>option</c>; a field that holds
    /// a comma stands in double quotes. Or the short form: <c>source:target[:options]</c>, or <c>target</c> for an anonymous volume.
    /// </param>
    /// <returns>The mount.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidMount</c>: the text has neither form.</exception>
    public static CtrMount Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // Only the long form has an equals sign before any separator of the short one.
        var mark = text.AsSpan().IndexOfAny('=', ':', '/');
        var isLong = mark >= 0 && text[mark] == '=';
        if (isLong && !text.Contains(',', StringComparison.Ordinal))
            throw Invalid(text, "is only one of several fields: a shell may have split the value at its commas");
        var mount = isLong ? ParseLong(text) : ParseShort(text);
        mount.Validate();
        return mount;
    }

    /// <summary>Validates the properties. A relative source is accepted: the caller knows the directory that it is relative to.</summary>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidMount</c>: the target is missing, not absolute or the root directory, or a bind has no source.
    /// </exception>
    public void Validate()
    {
        if (Type.Length == 0)
            throw Invalid(ToString(), "has no type");
        if (Type is "npipe" or "cluster")
            throw Invalid(ToString(), $"has the type '{Type}', which only Docker has");
        if (Target.Length == 0)
            throw Invalid(ToString(), "has no target");
        if (!Target.StartsWith('/'))
            throw Invalid(ToString(), "has a target that is not an absolute path");
        if (IsRoot(Target))
            throw Invalid(ToString(), "has the root directory as its target, which would hide all files of the container");
        if (Type == "bind" && Source.Length == 0)
            throw Invalid(ToString(), "has no source");
        if (Type == "volume" && Source.Length > 0 && !VolumeNames.IsValid(Source))
            throw Invalid(ToString(), $"has the source '{Source}', which cannot be the name of a volume; {VolumeNames.Rule}");
        if (CreateSource && Type != "bind")
            throw Invalid(ToString(), "has bind-create-src, which applies only to binds");
        if (NoCopy && Type != "volume")
            throw Invalid(ToString(), "has nocopy, which applies only to volumes");
        if (Recursion != CtrBindRecursion.Enabled)
            ValidateRecursion();
        if (Type == "image")
            ValidateImage();
        else if (SubPath.Length > 0)
            throw Invalid(ToString(), "has a subpath, which applies only to images");
    }

    private void ValidateRecursion()
    {
        // A volume is bound too, and has no mounts below it.
        if (Type != "bind" && (Type, Recursion) != ("volume", CtrBindRecursion.ReadOnly))
            throw Invalid(ToString(), "has bind-recursive, which applies only to binds");
        var contradiction = Recursion switch
        {
            CtrBindRecursion.Disabled => Options.FirstOrDefault(option => option is "rbind" or "rro"),
            CtrBindRecursion.Writable => Options.FirstOrDefault(option => option is "bind" or "rro"),
            _ => Options.FirstOrDefault(option => option == "bind"),
        };
        if (contradiction is not null)
            throw Invalid(ToString(), $"has bind-recursive={Text(Recursion)}, which the option {contradiction} contradicts");
        if (Recursion is CtrBindRecursion.Writable or CtrBindRecursion.ReadOnly && !ReadOnly)
            throw Invalid(ToString(), $"has bind-recursive={Text(Recursion)}, which requires readonly");
        // A mount that appears below the source later would be writable.
        if (Recursion == CtrBindRecursion.ReadOnly && Options.Any(option => option != "rprivate" && Propagations.Contains(option)))
            throw Invalid(ToString(), "has bind-recursive=readonly, which requires the propagation rprivate");
    }

    private static string Text(CtrBindRecursion recursion) => recursion.ToString().ToLowerInvariant();

    private void ValidateImage()
    {
        if (Source.Length == 0)
            throw Invalid(ToString(), "has no source, the name of an image");
        if (Options.FirstOrDefault(option => !ImageOptions.Contains(option, StringComparer.Ordinal)) is { } other)
            throw Invalid(
                ToString(),
                $"has the option '{other}'; images are mounted read-only, and accept {string.Join(", ", ImageOptions)}"
            );
        if (SubPath.Contains('\0', StringComparison.Ordinal))
            throw Invalid(Target, "has a subpath that cannot be a path");
    }

    // As the runtime reads it: /a/.. is the root too, and nothing is above the root.
    private static bool IsRoot(string path)
    {
        var depth = 0;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
                depth = Math.Max(0, depth - 1);
            else if (part != ".")
                depth++;
        }
        return depth == 0;
    }

    /// <summary>The mount in the long form that <see cref="Parse"/> reads.</summary>
    /// <returns>A text such as <c>type=bind,source=/a,target=/b,readonly</c>.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, $"type={Type}");
        if (Source.Length > 0)
            Append(text, $"source={Source}");
        Append(text, $"target={Target}");
        if (SubPath.Length > 0)
            Append(text, $"subpath={SubPath}");
        if (ReadOnly)
            Append(text, "readonly");
        if (Recursion != CtrBindRecursion.Enabled)
            Append(text, $"bind-recursive={Text(Recursion)}");
        if (CreateSource)
            Append(text, "bind-create-src");
        if (NoCopy)
            Append(text, "volume-nocopy");
        foreach (var option in Options)
            Append(text, $"option={option}");
        return text.ToString();
    }

    private static CtrMount ParseLong(string text)
    {
        var mount = new CtrMount { Type = "" };
        var options = new List<string>();
        var isWritable = false;
        foreach (var field in Fields(text))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            var key = (equals < 0 ? field : field[..equals]).Trim().ToLowerInvariant();
            var value = equals < 0 ? null : field[(equals + 1)..];
            switch (key)
            {
                case "type":
                    mount.Type = Needed(value).ToLowerInvariant();
                    break;
                case "source" or "src":
                    mount.Source = Needed(value);
                    break;
                case "target" or "destination" or "dst":
                    mount.Target = Needed(value);
                    break;
                case "readonly" or "ro":
                    mount.ReadOnly = Flag(value);
                    isWritable = !mount.ReadOnly;
                    break;
                case "option":
                    options.Add(Needed(value));
                    break;
                // As ctr has it.
                case "options":
                    AddOptions(mount, options, Needed(value).Split(':', StringSplitOptions.RemoveEmptyEntries));
                    isWritable |= value!.Split(':').Contains("rw", StringComparer.Ordinal);
                    break;
                case "bind-propagation":
                    options.Add(
                        Propagations.Contains(Needed(value), StringComparer.Ordinal)
                            ? value!
                            : throw Invalid(text, $"has an unknown propagation, '{value}'")
                    );
                    break;
                case "bind-nonrecursive":
                    if (Flag(value))
                        options.Add("bind");
                    break;
                case "bind-recursive":
                    mount.Recursion = Enum.GetValues<CtrBindRecursion>()
                        .Cast<CtrBindRecursion?>()
                        .FirstOrDefault(known => Text(known!.Value) == Needed(value))
                        ?? throw Invalid(text, $"has an unknown bind-recursive, '{value}': use enabled, disabled, writable or readonly");
                    break;
                case "bind-create-src":
                    mount.CreateSource = Flag(value);
                    break;
                case "subpath" or "image-subpath":
                    mount.SubPath = Needed(value);
                    break;
                case "volume-nocopy" or "nocopy":
                    mount.NoCopy = Flag(value);
                    break;
                case "volume-driver":
                    if (Needed(value) != "local")
                        throw Invalid(text, $"has the volume driver '{value}'; volumes are folders of the host here (local)");
                    break;
                case "tmpfs-size":
                    options.Add(string.Create(CultureInfo.InvariantCulture, $"size={CtrSize.Parse(Needed(value)).Bytes}"));
                    break;
                case "tmpfs-mode":
                    options.Add(
                        Needed(value).AsSpan().ContainsAnyExceptInRange('0', '7')
                            ? throw Invalid(text, $"has a mode that is not octal, '{value}'")
                            : $"mode={value}"
                    );
                    break;
                default:
                    throw Invalid(text, $"has an unknown key, '{key}'");
            }

            string Needed(string? given) => string.IsNullOrEmpty(given) ? throw Invalid(text, $"has no value for '{key}'") : given;
            bool Flag(string? given) =>
                given?.ToLowerInvariant() switch
                {
                    null or "" or "true" or "1" => true,
                    "false" or "0" => false,
                    _ => throw Invalid(text, $"has neither true nor false for '{key}'"),
                };
        }
        if (mount.Type.Length == 0)
            mount.Type = mount.Source.Length > 0 ? "bind" : throw Invalid(text, "has neither type nor source");
        SetOptions(mount, options);
        if (mount.Type == "image")
            mount.ReadOnly = isWritable ? throw Invalid(text, "is an image that is writable; images are mounted read-only") : true;
        return mount;
    }

    private static CtrMount ParseShort(string text)
    {
        // A drive letter's colon separates nothing.
        var start =
            text.Length > 2 && char.IsAsciiLetter(text[0]) && text[1] == ':' && text[2] is '\\' or '/' && text.IndexOf(':', 2) > 0 ? 2 : 0;
        var colon = text.IndexOf(':', start);
        // As with docker run -v: a new anonymous volume.
        if (colon < 0 && text.StartsWith('/'))
            return new CtrMount { Type = "volume", Target = text };
        if (colon < 0)
            throw Invalid(text, "has no target");
        var source = text[..colon];
        var rest = text[(colon + 1)..].Split(':');
        if (rest.Length > 2)
            throw Invalid(text, "has too many parts");
        var isName = source.Length > 0 && source[0] is not ('/' or '.' or '~') && start == 0;
        if (isName && !VolumeNames.IsValid(source))
            throw Invalid(
                text,
                $"has the source '{source}', which is neither a path nor the name of a volume: a path starts with /, ./ or ~, and in a "
                    + $"name {VolumeNames.Rule}"
            );
        var mount = new CtrMount
        {
            Type = isName ? "volume" : "bind",
            Source = source,
            Target = rest[0],
        };
        var options = new List<string>();
        if (rest.Length > 1)
            AddOptions(mount, options, rest[1].Split(',', StringSplitOptions.RemoveEmptyEntries));
        SetOptions(mount, options);
        return mount;
    }

    /// <summary>The option rro is bind-recursive=readonly, which not every kernel and runtime supports.</summary>
    private static void SetOptions(CtrMount mount, List<string> options)
    {
        if (
            mount.Type is "bind" or "volume"
            && mount.Recursion == CtrBindRecursion.Enabled
            && options.RemoveAll(option => option == "rro") > 0
        )
            (mount.ReadOnly, mount.Recursion) = (true, CtrBindRecursion.ReadOnly);
        mount.Options = [.. options];
    }

    private static void AddOptions(CtrMount mount, List<string> options, IEnumerable<string> given)
    {
        foreach (var option in given)
        {
            if (option is "ro" or "rw")
                mount.ReadOnly = option == "ro";
            else if (option == "nocopy")
                mount.NoCopy = true;
            else if (option is "z" or "Z")
                throw Invalid(mount.ToString(), $"has the option '{option}': files are not relabelled for SELinux here");
            else
                options.Add(option);
        }
    }

    private static List<string> Fields(string text)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c != '"')
                    field.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"')
                    field.Append(text[i++]);
                else
                    quoted = false;
            }
            else if (c == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (c == ',')
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(c);
            }
        }
        if (quoted)
            throw Invalid(text, "has a double quote that is not closed");
        fields.Add(field.ToString());
        return fields;
    }

    private static void Append(StringBuilder text, string field)
    {
        if (text.Length > 0)
            text.Append(',');
        if (field.AsSpan().ContainsAny(',', '"'))
            text.Append('"').Append(field.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        else
            text.Append(field);
    }

    private static CtrArgumentException Invalid(string text, string what) =>
        new($"The mount '{text}' {what}. {Form}") { ErrorId = ErrorIds.InvalidMount, Subject = text };
}
