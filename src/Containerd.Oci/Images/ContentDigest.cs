using System.Text.RegularExpressions;

namespace Containerd.Oci;

/// <summary>The form of a blob's digest.</summary>
public static partial class ContentDigest
{
    /// <summary>Validates a digest.</summary>
    /// <param name="digest">The digest as the caller gave it.</param>
    /// <returns>The digest.</returns>
    /// <exception cref="CtrArgumentException">It is not a digest (InvalidDigest).</exception>
    public static string Require(string digest)
    {
        ArgumentNullException.ThrowIfNull(digest);
        return Form().IsMatch(digest)
            ? digest
            : throw new CtrArgumentException($"'{digest}' is not a digest.")
            {
                ErrorId = ErrorIds.InvalidDigest,
                Subject = digest,
                Remedy =
                    "Give it in full, sha256: and 64 hexadecimal digits in lower case; where a command lists, a wildcard such as "
                    + "sha256:4828* will do.",
            };
    }

    /// <summary>Whether a text has the form of a digest.</summary>
    internal static bool IsOne(string text) => Form().IsMatch(text);

    [GeneratedRegex(@"^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})\z")]
    private static partial Regex Form();
}
