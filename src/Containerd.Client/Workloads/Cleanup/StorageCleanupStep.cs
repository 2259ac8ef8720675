namespace Containerd.Client;

/// <summary>What happened to one object of a clean-up.</summary>
/// <param name="Kind">The kind of the object, for a sentence: container, volume, image, network, unfinished write.</param>
/// <param name="Item">The object, or the name of the image.</param>
/// <param name="Outcome">Whether it was removed.</param>
/// <param name="Error">The error; null unless the removal failed.</param>
public sealed record StorageCleanupStep(string Kind, object Item, StorageCleanupOutcome Outcome, CtrException? Error = null);
