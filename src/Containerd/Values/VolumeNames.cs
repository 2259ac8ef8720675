namespace Containerd;

/// <summary>The names of volumes: those of Docker, which are also safe names of folders.</summary>
internal static class VolumeNames
{
    /// <summary>The rule, for the end of a sentence.</summary>
    internal const string Rule = "letters, digits, '.', '_' and '-' are allowed, after a letter or digit, 2 to 255 in all";

    // The limit of file systems for a name.
    private const int Longest = 255;
    private const int AnonymousDigits = 64;

    /// <summary>Whether a text can be the name of a volume.</summary>
    internal static bool IsValid(string name) =>
        name.Length is >= 2 and <= Longest
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Creates the name of an anonymous volume.</summary>
    internal static string New() => System.Security.Cryptography.RandomNumberGenerator.GetHexString(AnonymousDigits, lowercase: true);
}
