using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Asks for confirmation of checkpoints that the daemon did not create, for the cmdlets that restore them.</summary>
/// <param name="cmdlet">The cmdlet.</param>
/// <param name="post">Runs an action on the pipeline's thread, and waits for it.</param>
internal sealed class CheckpointQuestion(CtrCmdlet cmdlet, Func<Action, CancellationToken, ValueTask> post)
{
    private readonly SafetyQuestion _question = new(cmdlet);

    /// <summary>Whether the error means that the user answered no, which is not an error for the user.</summary>
    internal static bool IsNo(CtrException error) => error.ErrorId == ErrorIds.CheckpointDeclined;

    /// <summary>The callback for the client's question.</summary>
    /// <param name="force">Whether the answer is yes without a prompt.</param>
    internal Func<UntrustedCheckpoint, CancellationToken, Task<bool?>> Confirm(bool force) =>
        async (checkpoint, cancellationToken) =>
        {
            if (force)
                return true;
            bool? answer = null;
            Exception? failure = null;
            await post(
                    () =>
                    {
                        try
                        {
                            answer = _question.Ask(checkpoint.Question, "Restore a checkpoint of another daemon");
                        }
                        catch (Exception e)
                        {
                            failure = e;
                        }
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            return failure is null ? answer : throw new OperationCanceledException(failure.Message, failure);
        };
}
