namespace Containerd;

/// <summary>Something on a daemon's host that prevents networks of containers from working, or that was left behind.</summary>
[PipelineObject(nameof(Kind), nameof(Subject), nameof(Message), Word = nameof(Message), Key = [nameof(Kind), nameof(Subject)])]
public sealed class CtrNetworkFinding : CtrObject
{
    /// <summary>
    /// What was found: <c>ConfigInvalid</c>, <c>PluginMissing</c>, <c>SubnetConflict</c>, <c>ForwardingOff</c>, <c>FirewallMissing</c>,
    /// <c>NetworkMissing</c>, <c>HelperMissing</c>, <c>NameServerMissing</c>, <c>NameServerStopped</c>, <c>AttachmentLeft</c>,
    /// <c>RulesMissing</c> or <c>RulesUnknown</c>.
    /// </summary>
    public string Kind { get; set; } = "";

    /// <summary>The network, file, plugin or container that the finding is about; empty if it is about the host.</summary>
    public string Subject { get; set; } = "";

    /// <summary>The networks that the finding is about; empty if it is about the host or a file.</summary>
    public string[] Networks { get; set; } = [];

    /// <summary>The finding in one sentence.</summary>
    public string Message { get; set; } = "";

    /// <summary>What to do about it.</summary>
    public string Remedy { get; set; } = "";

    /// <summary>The finding.</summary>
    /// <returns>The message.</returns>
    public override string ToString() => Message;
}
