namespace Containerd.Host.Errors;

/// <summary>
/// The outermost error mapping for public methods that return a sequence, like <see cref="GuardedTask"/> for those that return a task.
/// </summary>
internal static class GuardedEnumerable
{
    internal static async IAsyncEnumerable<T> Guarded<T>(
        this IAsyncEnumerable<T> source,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var items = source.GetAsyncEnumerator(cancellationToken);
        await using (items.ConfigureAwait(false))
        {
            while (true)
            {
                try
                {
                    if (!await items.MoveNextAsync().ConfigureAwait(false))
                        yield break;
                }
                catch (Exception e) when (e is not CtrException)
                {
                    throw ClientErrors.Escaping(e);
                }

                yield return items.Current;
            }
        }
    }
}
