namespace Containerd.Host.Errors;

/// <summary>
/// Builds the task of a public async method: any exception of the method becomes an error of this library (<see cref="ClientErrors"/>),
/// with the original as its cause. A test requires it for every public method that returns a task, so that <c>catch (CtrException)</c>
/// catches every failure.
/// </summary>
internal struct GuardedTask
{
    // Not readonly: the builder is mutable.
    private AsyncTaskMethodBuilder _inner;

    public Task Task => _inner.Task;

    public static GuardedTask Create() => new() { _inner = AsyncTaskMethodBuilder.Create() };

    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => _inner.Start(ref stateMachine);

    public void SetStateMachine(IAsyncStateMachine stateMachine) => _inner.SetStateMachine(stateMachine);

    public void SetResult() => _inner.SetResult();

    public void SetException(Exception exception) => _inner.SetException(ClientErrors.Escaping(exception));

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => _inner.AwaitOnCompleted(ref awaiter, ref stateMachine);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => _inner.AwaitUnsafeOnCompleted(ref awaiter, ref stateMachine);
}
