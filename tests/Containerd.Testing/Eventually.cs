using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Containerd.Testing;

/// <summary>Waits for what happens elsewhere: looks often, gives up at a deadline.</summary>
public static class Eventually
{
    public static Task TrueAsync(
        Func<bool> condition,
        TimeSpan? within = null,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    ) => TrueAsync(() => Task.FromResult(condition()), within, what);

    public static async Task TrueAsync(
        Func<Task<bool>> condition,
        TimeSpan? within = null,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        ArgumentNullException.ThrowIfNull(condition);
        var deadline = within ?? TimeSpan.FromSeconds(20);
        var waiting = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waiting.Elapsed > deadline)
                throw new TimeoutException($"Not within {deadline.TotalSeconds:0.#} s: {what}");
            await Task.Delay(25);
        }
    }
}
