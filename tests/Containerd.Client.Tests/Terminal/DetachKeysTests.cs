using Containerd.Host;
using Containerd.Host.Terminals;

namespace Containerd.Client.Tests.Terminal;

/// <summary>Detach keys: how they are named, and how they are found in what is typed.</summary>
public sealed class DetachKeysTests
{
    [Theory]
    [InlineData(new[] { "Ctrl+P", "Ctrl+Q" }, new byte[] { 16, 17 }, "Ctrl+P, Ctrl+Q")]
    [InlineData(new[] { "ctrl-p,ctrl-q" }, new byte[] { 16, 17 }, "Ctrl+P, Ctrl+Q")]
    [InlineData(new[] { "^b", "d" }, new byte[] { 2, (byte)'d' }, "Ctrl+B, d")]
    [InlineData(new[] { "^]" }, new byte[] { 29 }, "Ctrl+]")]
    [InlineData(new[] { "Ctrl+@", "Ctrl+_", "^^" }, new byte[] { 0, 31, 30 }, "Ctrl+@, Ctrl+_, Ctrl+^")]
    [InlineData(new[] { "Esc", "x", "D" }, new byte[] { 27, (byte)'x', (byte)'D' }, "Escape, x, D")]
    [InlineData(new[] { "a", ",", "^" }, new byte[] { (byte)'a', (byte)',', (byte)'^' }, "a, ,, ^")]
    public void Keys_are_parsed_in_their_common_notations(string[] names, byte[] bytes, string text)
    {
        var keys = DetachKeys.Parse(names)!;
        Assert.Equal(bytes, keys.Bytes.ToArray());
        Assert.Equal(text, keys.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Ctrl+")]
    [InlineData("Ctrl+1")]
    [InlineData("Ctrl+PQ")]
    [InlineData("F1")]
    [InlineData("ä")]
    [InlineData("Ctrl+P,,Ctrl+Q")]
    [InlineData("None,x")]
    public void Keys_that_a_terminal_cannot_send_are_an_error(string name)
    {
        var error = Assert.Throws<CtrArgumentException>(() => DetachKeys.Parse([name]));
        Assert.Equal(ErrorIds.InvalidDetachKeys, error.ErrorId);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void None_means_none() => Assert.Null(DetachKeys.Parse(["none"]));

    [Theory]
    [InlineData("abc", "abc", "", false)]
    [InlineData("PQ", "", "", true)]
    [InlineData("abPQ", "ab", "", true)]
    [InlineData("P", "", "P", false)]
    [InlineData("PxQ", "PxQ", "", false)]
    [InlineData("PPQ", "P", "", true)]
    [InlineData("PPPx", "PPPx", "", false)]
    [InlineData("QP", "Q", "P", false)]
    public void They_are_found_however_they_are_typed(string typed, string passed, string held, bool detached)
    {
        // In one piece, and byte by byte.
        foreach (var size in new[] { typed.Length, 1 })
        {
            var filter = new KeyFilter(DetachKeys.Parse(["P", "Q"]));
            var seen = new List<byte>();
            foreach (var chunk in typed.Select(c => (byte)c).Chunk(size))
            {
                var before = filter.Held;
                foreach (var key in chunk)
                    Assert.Equal(filter.Completes(key), filter.Detached);
                seen.AddRange(filter.Pass(before, chunk).ToArray());
            }

            Assert.Equal((passed, detached), (Text(seen), filter.Detached));
            if (!detached)
                Assert.Equal(held, Text(filter.Release().ToArray()));
        }
    }

    [Fact]
    public void Three_keys_with_a_repeated_prefix_are_found()
    {
        var filter = new KeyFilter(DetachKeys.Parse(["a", "a", "b"]));
        var typed = "aaab"u8.ToArray();
        foreach (var key in typed)
            filter.Completes(key);
        Assert.True(filter.Detached);
        Assert.Equal("a", Text(filter.Pass(0, typed).ToArray()));
    }

    private static string Text(IEnumerable<byte> bytes) => string.Concat(bytes.Select(b => (char)b));
}
