using System.Buffers;

namespace Containerd;

/// <summary>A line of a container's <c>/etc/hosts</c>. <c>db:10.0.0.5</c> and <c>host:host-gateway</c> convert to it.</summary>
public sealed class CtrHostEntry
{
    /// <summary>Stands for the address of the host in the container's network.</summary>
    public const string HostGateway = "host-gateway";

    /// <summary>PowerShell shows only this message when the value of a parameter cannot be converted.</summary>
    private const string Form = "Specify it as name:address, such as db:10.0.0.5 or host.docker.internal:host-gateway.";

    private const int LongestName = 253;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    );

    /// <summary>The name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its address: IPv4 or IPv6, or <c>host-gateway</c> for the address of the host in the container's network.</summary>
    public string Address { get; set; } = "";

    /// <summary>Reads an entry.</summary>
    /// <param name="text">The form <c>name:address</c> or <c>name=address</c>.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidHostEntry</c>: the text has another form, or the name or the address is not valid.
    /// </exception>
    public static CtrHostEntry Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        var separator = trimmed.AsSpan().IndexOfAny(':', '=');
        if (separator < 0)
            throw Invalid(text, "has no address");
        var address = trimmed[(separator + 1)..].Trim();
        var entry = new CtrHostEntry
        {
            Name = trimmed[..separator].Trim(),
            Address = address is ['[', .. var inner, ']'] ? inner : address,
        };
        entry.Validate(text);
        return entry;
    }

    /// <summary>Validates the properties.</summary>
    /// <exception cref="CtrArgumentException"><c>InvalidHostEntry</c>: the name or the address is not valid.</exception>
    public void Validate() => Validate(ToString());

    /// <summary>The entry in the form that <see cref="Parse"/> reads.</summary>
    /// <returns>A text such as <c>db:10.0.0.5</c>.</returns>
    public override string ToString() => $"{Name}:{Address}";

    private void Validate(string text)
    {
        if (Name.Length is 0 or > LongestName || Name.AsSpan().ContainsAnyExcept(NameCharacters) || Name[0] is '-' or '.')
            throw Invalid(text, Name.Length == 0 ? "has no name" : $"has a name that is not a valid host name, '{Name}'");
        if (Address != HostGateway && !AddressText.TryParse(Address, out _))
            throw Invalid(text, Address.Length == 0 ? "has no address" : $"has an address that is not an IP address, '{Address}'");
    }

    private static CtrArgumentException Invalid(string text, string what) =>
        new($"The host entry '{text}' {what}. {Form}") { ErrorId = ErrorIds.InvalidHostEntry, Subject = text };
}
