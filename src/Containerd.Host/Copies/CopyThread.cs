namespace Containerd.Host.Copies;

/// <summary>Runs work on trees of files on a thread of its own: trees are walked by recursion, which needs more stack than usual.</summary>
internal static class CopyThread
{
    private const int StackSize = 32 << 20;

    /// <summary>Runs work.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="work">The work.</param>
    /// <returns>Its result.</returns>
    internal static Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    done.SetResult(work());
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            StackSize
        )
        {
            IsBackground = true,
            Name = "Copy",
        };
        thread.Start();
        return done.Task;
    }
}
