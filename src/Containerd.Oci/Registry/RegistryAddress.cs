namespace Containerd.Oci.Registry;

/// <summary>Addresses that registries give, as an answer's Location or a token server's realm.</summary>
internal static class RegistryAddress
{
    /// <summary>Adds parameters to an address. Its own query stays, an empty one too; its fragment is not sent to a server.</summary>
    /// <param name="address">The address.</param>
    /// <param name="query">The parameters, escaped.</param>
    public static Uri WithQuery(Uri address, string query)
    {
        var own = address.Query.TrimStart('?').TrimEnd('&');
        return new Uri($"{address.GetLeftPart(UriPartial.Path)}?{(own.Length > 0 ? own + "&" : "")}{query}");
    }

    /// <summary>The address that an answer refers to, absolute or relative to the request; null for none.</summary>
    /// <exception cref="CtrConnectionException">RegistryRedirectInvalid: it is not an address.</exception>
    public static Uri? Location(RegistryAnswer answer)
    {
        // The text itself: a parsed header knows no address with a port above 65535, and takes one that starts with two slashes for a
        // file's.
        if (answer.Header("Location")?.Trim() is not { Length: > 0 } location)
            return null;
        return Uri.TryCreate(answer.Uri, location, out var next)
            ? next
            : throw RegistryErrors.Redirects(answer.Uri, "to something that is not an address");
    }
}
