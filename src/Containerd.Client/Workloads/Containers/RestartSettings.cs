using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Tasks;

namespace Containerd.Client.Workloads.Containers;

/// <summary>Sets the restart policies of containers, and rejects those that containerd's restart monitor cannot keep.</summary>
internal sealed class RestartSettings(ImageScope ns, TaskLogs logs)
{
    private const string Plugin = "restart";

    /// <summary>The plugin's type until containerd 1.7.</summary>
    private const string FormerType = "io.containerd.internal.v1";

    /// <summary>Containers that a kubelet starts again.</summary>
    private const string PodLabel = "io.cri-containerd.kind";

    /// <summary>Requires that the daemon's monitor can keep a policy for a container.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="id">The container.</param>
    /// <param name="hasTerminal">Whether its process has a terminal.</param>
    /// <param name="sharesNetwork">Whether it uses the network of another container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The plugin of the monitor.</returns>
    /// <exception cref="CtrNotSupportedException">RestartNotSupported.</exception>
    internal async Task<CtrPlugin> RequireAsync(
        CtrRestartPolicy policy,
        string id,
        bool hasTerminal,
        bool sharesNetwork,
        CancellationToken cancellationToken
    )
    {
        if (sharesNetwork)
            throw RestartErrors.NotSupported(
                policy,
                id,
                "it uses the network of another container, which has another network after it was started again",
                "Network",
                "Connect both containers to a network of their own, or omit the policy."
            );
        var plugins = await ns.Daemon.Plugins.ListAsync(["id==" + Plugin], cancellationToken).ConfigureAwait(false);
        if (plugins.FirstOrDefault(p => p.State == CtrPluginState.Loaded) is not { } monitor)
            throw RestartErrors.NotSupported(
                policy,
                id,
                "the plugin 'restart' of containerd is not loaded",
                "Plugin",
                "Remove the plugin from disabled_plugins in containerd's configuration, and restart containerd."
            );
        if (policy.Mode != CtrRestartMode.Always && monitor.Capabilities.Length == 0)
            throw RestartErrors.NotSupported(
                policy,
                id,
                "this version of containerd starts such containers always",
                "Version",
                "Use the policy always, or containerd 1.7 or later."
            );
        if (hasTerminal && monitor.Type == FormerType)
            throw RestartErrors.NotSupported(
                policy,
                id,
                "this version of containerd cannot start a container with a terminal again",
                "Terminal",
                "Create the container without a terminal, or use containerd 2.0 or later."
            );
        return monitor;
    }

    /// <inheritdoc cref="ContainerStore.SetRestartPolicyAsync"/>
    internal async Task<CtrContainer> SetAsync(string id, CtrRestartPolicy policy, CancellationToken cancellationToken)
    {
        policy.Validate();
        var container = await ns.ContainerRecords.GetAsync(id, cancellationToken).ConfigureAwait(false);
        if (policy.Mode == CtrRestartMode.No)
        {
            // The logger of another client stays for it.
            var isOurs = RestartStreams.AreOurs(container);
            string[] removed =
            [
                ContainerLabels.RestartStatus,
                ContainerLabels.RestartPolicy,
                ContainerLabels.RestartCount,
                ContainerLabels.ExplicitlyStopped,
                .. isOurs ? [ContainerLabels.RestartLogUri] : Array.Empty<string>(),
            ];
            return await PutAsync(id, [.. removed.Select(label => (label, ""))], cancellationToken).ConfigureAwait(false);
        }

        if (container.Labels.ContainsKey(PodLabel))
            throw RestartErrors.NotSupported(
                policy,
                id,
                "it belongs to a pod of Kubernetes, which starts it again by itself",
                "Pod",
                "Set the restart policy in the pod."
            );
        var terminal = TaskLaunch.HasTerminal(container);
        var monitor = await RequireAsync(
                policy,
                id,
                terminal,
                container.Labels.ContainsKey(ContainerNetworks.SharedLabel),
                cancellationToken
            )
            .ConfigureAwait(false);
        var labels = new List<(string, string)> { (ContainerLabels.RestartPolicy, policy.ToString()), (ContainerLabels.RestartCount, "") };
        var task = await ns.TaskRecords.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (task is { Status: CtrStatus.Paused or CtrStatus.Pausing } && monitor.Type == FormerType)
            throw RestartErrors.NotSupported(
                policy,
                id,
                "its task is paused, and the restart monitor of this version of containerd ends paused tasks",
                "Paused",
                "Resume the task first, or use containerd 2.0 or later."
            );
        if (task is { Status: CtrStatus.Running or CtrStatus.Paused or CtrStatus.Pausing })
        {
            labels.Add((ContainerLabels.RestartStatus, RestartLabels.Running));
            labels.Add((ContainerLabels.ExplicitlyStopped, ""));
            container.RestartPolicy = policy;
            container.Labels[ContainerLabels.RestartPolicy] = policy.ToString();
            if (RestartStreams.AreOurs(container))
            {
                // Standard input and a file of the caller cannot be connected again.
                if (logs.AreLocal)
                    _ = RestartStreams.Of(container, logs.Former.Of(container, task));
                labels.Add((ContainerLabels.RestartLogUri, RestartStreams.LogUri(logs, container, task.Stdout) ?? ""));
            }
        }

        return await PutAsync(id, labels, cancellationToken).ConfigureAwait(false);
    }

    private Task<CtrContainer> PutAsync(string id, IReadOnlyList<(string, string)> labels, CancellationToken cancellationToken) =>
        BackgroundWork.CompleteOrUndoAsync(stop => ns.ContainerRecords.PutLabelsAsync(id, labels, stop), undo: null, cancellationToken);
}
