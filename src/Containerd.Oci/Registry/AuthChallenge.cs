using System.Net.Http.Headers;

namespace Containerd.Oci.Registry;

/// <summary>The authentication that a registry requires (RFC 9110, section 11.6.1; distribution spec, token authentication).</summary>
/// <param name="Scheme"><c>Bearer</c> or <c>Basic</c>.</param>
/// <param name="Parameters">Realm, service and scope, by lowercase name.</param>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public bool IsBearer => Scheme == "Bearer";

    public string? this[string name] => Parameters.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>The best challenge of a response: a token reveals less than a password.</summary>
    public static AuthChallenge? Of(HttpResponseHeaders headers)
    {
        AuthChallenge? basic = null;
        foreach (var header in headers.WwwAuthenticate)
        {
            if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
                return new AuthChallenge("Bearer", Read(header.Parameter ?? ""));
            if (header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
                basic = new AuthChallenge("Basic", Read(header.Parameter ?? ""));
        }

        return basic;
    }

    private static Dictionary<string, string> Read(string text)
    {
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var at = 0;
        while (at < text.Length)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
                break;
            var name = text[at..equals].Trim(' ', ',', '\t');
            at = equals + 1;
            string value;
            if (at < text.Length && text[at] == '"')
            {
                var quoted = new System.Text.StringBuilder();
                for (at++; at < text.Length && text[at] != '"'; at++)
                {
                    if (text[at] == '\\' && at + 1 < text.Length)
                        at++;
                    quoted.Append(text[at]);
                }

                at++;
                value = quoted.ToString();
            }
            else
            {
                var end = text.IndexOf(',', at);
                if (end < 0)
                    end = text.Length;
                value = text[at..end].Trim();
                at = end;
            }

            all[name] = value;
        }

        return all;
    }
}
