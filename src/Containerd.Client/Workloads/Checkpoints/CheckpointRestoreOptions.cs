namespace Containerd.Client;

/// <summary>How a container is made from a checkpoint.</summary>
public sealed record CheckpointRestoreOptions
{
    /// <summary>The checkpoint: a directory or an archive.</summary>
    public required string Path { get; init; }

    /// <summary>The new container's id; null for the id that the saved one had, or with a <see cref="Name"/> for a generated one.</summary>
    public string? Id { get; init; }

    /// <summary>The new container's name; null for the name that the saved one had, or with an <see cref="Id"/> for none.</summary>
    public string? Name { get; init; }

    /// <summary>The snapshotter; null for the saved container's.</summary>
    public string? Snapshotter { get; init; }

    /// <summary>
    /// Asks whether a checkpoint that the daemon did not make is restored; null, or the answer null, where nobody can be asked, which is
    /// the error ConfirmationRequired.
    /// </summary>
    public Func<UntrustedCheckpoint, CancellationToken, Task<bool?>>? Confirm { get; init; }

    /// <summary>How its task is started from the checkpoint; null to leave that to a later start.</summary>
    public TaskStartOptions? Start { get; init; }
}
