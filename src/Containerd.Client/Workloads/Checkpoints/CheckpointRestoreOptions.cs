namespace Containerd.Client;

/// <summary>Options for creating a container from a checkpoint.</summary>
public sealed record CheckpointRestoreOptions
{
    /// <summary>The checkpoint: a directory or an archive.</summary>
    public required string Path { get; init; }

    /// <summary>The id of the new container; null for the saved id, or with a <see cref="Name"/> for a generated one.</summary>
    public string? Id { get; init; }

    /// <summary>The name of the new container; null for the saved name, or with an <see cref="Id"/> for none.</summary>
    public string? Name { get; init; }

    /// <summary>The snapshotter; null for that of the saved container.</summary>
    public string? Snapshotter { get; init; }

    /// <summary>
    /// Asks for confirmation of a checkpoint that the daemon did not create; null, or the answer null, if no user can answer, which results
    /// in the error ConfirmationRequired.
    /// </summary>
    public Func<UntrustedCheckpoint, CancellationToken, Task<bool?>>? Confirm { get; init; }

    /// <summary>The options for starting its task from the checkpoint; null for a later start.</summary>
    public TaskStartOptions? Start { get; init; }
}
