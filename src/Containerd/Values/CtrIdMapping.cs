using System.Globalization;

namespace Containerd;

/// <summary>
/// A range of user or group ids of a container, and the ids of the host that they are mapped to. <c>0:100000:65536</c> converts to it.
/// </summary>
public sealed class CtrIdMapping
{
    /// <summary>PowerShell shows only this message when the value of a parameter cannot be converted.</summary>
    private const string Form = "Specify it as container:host:count, such as 0:100000:65536.";

    // The last number, 4294967295, is not an id: the kernel uses it for "no user".
    private const long Ids = uint.MaxValue;

    /// <summary>Creates an empty range.</summary>
    public CtrIdMapping() { }

    /// <summary>Creates a range from one of a spec.</summary>
    /// <param name="mapping">The range of a spec.</param>
    public CtrIdMapping(CtrSpecIdMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        (ContainerId, HostId, Size) = (mapping.ContainerId, mapping.HostId, mapping.Size);
    }

    /// <summary>The first id in the container.</summary>
    public uint ContainerId { get; set; }

    /// <summary>The first id on the host.</summary>
    public uint HostId { get; set; }

    /// <summary>How many ids the range has.</summary>
    public uint Size { get; set; }

    /// <summary>Reads a range.</summary>
    /// <param name="text">The form <c>container:host:count</c>.</param>
    /// <returns>The range.</returns>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidIdMap</c>: the text has another form, or the range has no ids or ids above 4294967294.
    /// </exception>
    public static CtrIdMapping Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        if (parts.Length != 3)
            throw Invalid(text, $"has {parts.Length} {(parts.Length == 1 ? "part" : "parts")} instead of 3");
        var mapping = new CtrIdMapping
        {
            ContainerId = Number(parts[0], text),
            HostId = Number(parts[1], text),
            Size = Number(parts[2], text),
        };
        mapping.Validate();
        return mapping;
    }

    /// <summary>Validates the properties.</summary>
    /// <exception cref="CtrArgumentException"><c>InvalidIdMap</c>: the range has no ids, or ids above 4294967294.</exception>
    public void Validate()
    {
        if (Size == 0)
            throw Invalid(ToString(), "has no ids: its count is 0");
        if (ContainerId + (long)Size > Ids || HostId + (long)Size > Ids)
            throw Invalid(ToString(), "has ids above 4294967294, the largest id");
    }

    /// <summary>The range as an OCI runtime spec has it.</summary>
    /// <returns>The range.</returns>
    public CtrSpecIdMapping ToSpec() =>
        new()
        {
            ContainerId = ContainerId,
            HostId = HostId,
            Size = Size,
        };

    /// <summary>The range in the form that <see cref="Parse"/> reads.</summary>
    /// <returns>A text such as <c>0:100000:65536</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ContainerId}:{HostId}:{Size}");

    private static uint Number(string part, string text)
    {
        var number = part.Trim();
        if (uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return value;
        throw Invalid(
            text,
            number.Length > 0 && !number.AsSpan().ContainsAnyExceptInRange('0', '9')
                ? $"has a number above 4294967295, {number}"
                : $"has a part that is not a number, '{number}'"
        );
    }

    private static CtrArgumentException Invalid(string text, string what) =>
        new($"The id mapping '{text}' {what}. {Form}") { ErrorId = ErrorIds.InvalidIdMap, Subject = text };
}
