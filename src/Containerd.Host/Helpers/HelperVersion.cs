using System.Globalization;

namespace Containerd.Host.Helpers;

/// <summary>The version of a helper program, in the form in which the program writes it.</summary>
/// <param name="Contract">The version of the agreement with the client.</param>
/// <param name="Build">The version of the build.</param>
internal sealed record HelperVersion(int Contract, Version Build)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{HelperContract.Program} {Contract} {Build}");

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    internal static HelperVersion? Read(string text) =>
        text.Trim().Split(' ') is [HelperContract.Program, var contract, var build]
        && int.TryParse(contract, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && Version.TryParse(build, out var version)
            ? new HelperVersion(number, version)
            : null;
}
