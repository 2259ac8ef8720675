namespace Containerd;

/// <summary>
/// A device of the host that a container may use. <c>/dev/fuse</c>, <c>/dev/a:/dev/b</c> and <c>/dev/a:/dev/b:rw</c> convert to it.
/// </summary>
public sealed class CtrDevice
{
    /// <summary>PowerShell shows only this message when the value of a parameter cannot be converted.</summary>
    private const string Form = "Give it as source[:target][:permissions], such as /dev/fuse or /dev/sda:/dev/xvda:r.";

    /// <summary>The device on the host, or a directory of devices.</summary>
    public string Source { get; set; } = "";

    /// <summary>The path in the container; empty for the same path.</summary>
    public string Target { get; set; } = "";

    /// <summary>Any of <c>r</c> (read), <c>w</c> (write) and <c>m</c> (make a node).</summary>
    public string Permissions { get; set; } = "rwm";

    /// <summary>Reads a device.</summary>
    /// <param name="text">The form <c>source[:target][:permissions]</c>.</param>
    /// <returns>The device.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidDevice</c>: the text has another form.</exception>
    public static CtrDevice Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Trim().Split(':');
        var device = new CtrDevice { Source = parts[0] };
        switch (parts.Length)
        {
            case 1:
                break;
            // A path has a slash, permissions have none.
            case 2 when parts[1].StartsWith('/'):
                device.Target = parts[1];
                break;
            case 2:
                device.Permissions = parts[1];
                break;
            case 3:
                (device.Target, device.Permissions) = (parts[1], parts[2]);
                break;
            default:
                throw Invalid(text, "has too many parts");
        }
        device.Validate();
        return device;
    }

    /// <summary>Validates the properties.</summary>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidDevice</c>: a path is not absolute, or the permissions have another letter than r, w and m.
    /// </exception>
    public void Validate()
    {
        if (!Source.StartsWith('/') || (Target.Length > 0 && !Target.StartsWith('/')))
            throw Invalid(ToString(), "has a path that is not absolute");
        if (
            Permissions.Length == 0
            || Permissions.AsSpan().ContainsAnyExcept('r', 'w', 'm')
            || Permissions.Distinct().Count() != Permissions.Length
        )
            throw Invalid(ToString(), $"has permissions that are none, '{Permissions}'");
    }

    /// <summary>The device in the form that <see cref="Parse"/> reads.</summary>
    /// <returns>A text such as <c>/dev/fuse:/dev/fuse:rwm</c>.</returns>
    public override string ToString() => $"{Source}:{(Target.Length > 0 ? Target : Source)}:{Permissions}";

    private static CtrArgumentException Invalid(string text, string what) =>
        new($"The device '{text}' {what}. {Form}") { ErrorId = ErrorIds.InvalidDevice, Subject = text };
}
