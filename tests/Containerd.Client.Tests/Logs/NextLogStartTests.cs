using System.Globalization;
using Containerd.Host.Logs;

namespace Containerd.Client.Tests.Logs;

/// <summary>The files of the next start, which the helper program creates.</summary>
public sealed class NextLogStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-starts-").FullName + "/";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Starts_are_counted_after_those_of_clients_and_the_last_ten_are_kept()
    {
        // Output of a client's own start, and an exec whose id is a number.
        File.WriteAllText(_folder + "1.stdout", "own");
        File.WriteAllText(_folder + "77.exec-stdout", "");
        for (var number = 2; number <= 15; number++)
        {
            Assert.Equal(_folder + number.ToString(CultureInfo.InvariantCulture), NextLogStart.Create(_folder));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{_folder}{number}.1.log"));
            File.WriteAllText($"{_folder}{number}.2.log", "more");
        }

        var kept = Directory.GetFiles(_folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);
        string[] expected =
        [
            "1.stdout",
            "77.exec-stdout",
            .. Enumerable.Range(6, 10).SelectMany(n => new[] { $"{n}.1.log", $"{n}.2.log", $"{n}.sync" }),
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), kept);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_an_error() =>
        Assert.ThrowsAny<IOException>(() => NextLogStart.Create(_folder + "missing/"));
}
