namespace Containerd.Oci.Registry;

/// <summary>Addresses in responses of registries, such as a Location header or the realm of a token server.</summary>
internal static class RegistryAddress
{
    /// <summary>Adds parameters to an address. Its own query is kept, even an empty one; its fragment is not sent to a server.</summary>
    /// <param name="address">The address.</param>
    /// <param name="query">The parameters, escaped.</param>
    public static Uri WithQuery(Uri address, string query)
    {
        var own = address.Query.TrimStart('?').TrimEnd('&');
        return new Uri($"{address.GetLeftPart(UriPartial.Path)}?{(own.Length > 0 ? own + "&" : "")}{query}");
    }

    /// <summary>The address that a response refers to, absolute or relative to the request; null for none.</summary>
    /// <exception cref="CtrConnectionException">RegistryRedirectInvalid: it is not an address.</exception>
    public static Uri? Location(RegistryAnswer answer)
    {
        // The unparsed text: a parsed header does not accept ports above 65535, and interprets an address that starts with two slashes as
        // that of a file.
        if (answer.Header("Location")?.Trim() is not { Length: > 0 } location)
            return null;
        return Uri.TryCreate(answer.Uri, location, out var next)
            ? next
            : throw RegistryErrors.Redirects(answer.Uri, "to something that is not an address");
    }
}
