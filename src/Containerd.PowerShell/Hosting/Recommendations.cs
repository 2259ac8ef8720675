namespace Containerd.PowerShell;

/// <summary>
/// What to do about an error, in terms of this module: its cmdlets and their parameters. The libraries do not know the cmdlets, and their
/// remedies apply to any caller; an entry in a table replaces the remedy. A test verifies that every error id has one or the other.
/// </summary>
internal static class Recommendations
{
    // The key is the id of the error, or "id.remedy" for one of several remedies of an id.
    private static readonly Dictionary<string, Func<CtrException, string>> ById = new(
        ConnectionRecommendations
            .ById.Concat(ContainerRecommendations.ById)
            .Concat(TaskRecommendations.ById)
            .Concat(LogRecommendations.ById)
            .Concat(CheckpointRecommendations.ById)
            .Concat(FileRecommendations.ById)
            .Concat(ImageRecommendations.ById)
            .Concat(RegistryRecommendations.ById)
            .Concat(StorageRecommendations.ById)
            .Concat(NetworkRecommendations.ById)
            .Concat(VolumeRecommendations.ById),
        StringComparer.Ordinal
    );

    /// <summary>The recommendation for an error; null for an error that reports the result of the user's own program.</summary>
    /// <param name="error">The error.</param>
    /// <returns>One or a few sentences, without control characters.</returns>
    internal static string? For(CtrException error)
    {
        var text = Find(error) ?? error.Remedy ?? DefaultRecommendations.For(error.ErrorId);
        return text is null ? null : CtrText.Visible(text);
    }

    private static string? Find(CtrException error) =>
        error.RemedyId is { } remedy && ById.TryGetValue($"{error.ErrorId}.{remedy}", out var exact) ? exact(error)
        : ById.TryGetValue(error.ErrorId, out var general) ? general(error)
        : null;
}
