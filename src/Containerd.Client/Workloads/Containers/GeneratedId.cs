using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Containerd.Client;

/// <summary>
/// The ids that programs generate for containers: 12 to 64 lower-case hexadecimal digits. Those of this client have 12, the number that
/// Docker shows; those of nerdctl and Docker have 64. They can be abbreviated to their first digits.
/// </summary>
public static partial class GeneratedId
{
    private const int Bytes = 6;

    /// <summary>A new id.</summary>
    /// <returns>12 hexadecimal digits.</returns>
    public static string New()
    {
        while (true)
        {
            var id = Convert.ToHexString(RandomNumberGenerator.GetBytes(Bytes)).ToLowerInvariant();
            // Digits only would look like a number, which PowerShell and host names treat differently.
            if (id.AsSpan().ContainsAnyInRange('a', 'f'))
                return id;
        }
    }

    internal static bool IsOne(string id) => Whole().IsMatch(id);

    internal static bool IsPrefix(string text) => Part().IsMatch(text);

    [GeneratedRegex(@"^[0-9a-f]{12,64}\z")]
    private static partial Regex Whole();

    // With two digits, short names such as db and fe would be abbreviated ids.
    [GeneratedRegex(@"^[0-9a-f]{3,63}\z")]
    private static partial Regex Part();
}
