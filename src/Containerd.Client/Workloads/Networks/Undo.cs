namespace Containerd.Client.Workloads.Networks;

/// <summary>Undoes a change of which a later step failed.</summary>
internal static class Undo
{
    /// <summary>Runs all steps, one after another. A step that fails does not hide the first failure, and the others still run.</summary>
    internal static async Task TryAsync(params IEnumerable<Func<Task>> steps)
    {
        foreach (var step in steps)
        {
            try
            {
                await step().ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The caller reports why it undoes.
            }
        }
    }
}
