namespace Containerd.Client.Workloads.Tasks;

/// <summary>The error for a restart policy that containerd's restart monitor cannot keep.</summary>
internal static class RestartErrors
{
    /// <param name="policy">The policy.</param>
    /// <param name="id">The container.</param>
    /// <param name="why">The reason, in words that follow a colon.</param>
    /// <param name="remedyId">The name of the remedy.</param>
    /// <param name="remedy">The remedy.</param>
    internal static CtrNotSupportedException NotSupported(CtrRestartPolicy policy, string id, string why, string remedyId, string remedy) =>
        new($"The restart policy {policy} of container '{id}' cannot be kept: {why}.")
        {
            ErrorId = ErrorIds.RestartNotSupported,
            Subject = id,
            RemedyId = remedyId,
            Remedy = remedy,
        };
}
