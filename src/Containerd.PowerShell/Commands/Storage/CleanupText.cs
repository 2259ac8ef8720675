using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The texts of Clear-CtrStorage: its question, and what was done.</summary>
internal static class CleanupText
{
    /// <summary>All objects of a plan, in the order of their removal, and what -WhatIf says about them.</summary>
    internal static IReadOnlyList<(object Item, string Action)> Items(StorageCleanupPlan plan) =>
        [
            .. plan.Containers.Select(c => ((object)c, "Remove container")),
            .. plan.Volumes.Select(v => ((object)v, "Remove volume")),
            .. plan.Images.Select(i => ((object)i, "Remove unused image")),
            .. plan.Networks.Select(n => ((object)n, "Remove network")),
            .. plan.Ingests.Select(i => ((object)i, "Abort write")),
        ];

    internal static string Describe(StorageCleanupPlan plan, string containerdNamespace) =>
        $"Removing what is not in use in namespace '{containerdNamespace}': {Counts(plan)}";

    internal static string Ask(StorageCleanupPlan plan, string containerdNamespace) =>
        $"This removes what is not in use in namespace '{containerdNamespace}': {Counts(plan)}. "
        + (plan.Size is { } size ? $"It frees about {ViewText.Size(size)}. " : "")
        + "Continue?";

    internal static string Of(StorageCleanupStep step) =>
        step.Outcome == StorageCleanupOutcome.Removed
            ? $"Removed {step.Kind} {step.Item}."
            : $"Kept {step.Kind} {step.Item}, which is in use now, was changed, or was removed by another client.";

    /// <summary>What was removed before the user stopped the command.</summary>
    internal static string Done(IReadOnlyList<StorageCleanupStep> steps) =>
        steps.Where(step => step.Outcome == StorageCleanupOutcome.Removed).GroupBy(step => step.Kind).ToList() is { Count: > 0 } kinds
            ? $"It had removed {string.Join(", ", kinds.Select(kind => Count(kind.Count(), kind.Key)))}."
            : "It had removed nothing.";

    private static string Counts(StorageCleanupPlan plan) =>
        string.Join(
            ", ",
            new[]
            {
                (plan.Containers.Count, "container"),
                (plan.Volumes.Count, "volume"),
                (plan.Images.Count, "image"),
                (plan.Networks.Count, "network"),
                (plan.Ingests.Count, "unfinished write"),
            }
                .Where(part => part.Count > 0)
                .Select(part => Count(part.Count, part.Item2))
        );

    private static string Count(int count, string kind) => $"{count} {kind}{(count == 1 ? "" : "s")}";
}
