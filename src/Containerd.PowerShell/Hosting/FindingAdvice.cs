namespace Containerd.PowerShell;

/// <summary>What to do about the findings of Test-CtrNetwork, with the cmdlets that do it. The client knows none.</summary>
internal static class FindingAdvice
{
    private static readonly Dictionary<string, Func<CtrNetworkFinding, string>> ByKind = new(StringComparer.Ordinal)
    {
        ["AttachmentLeft"] = _ => "Run Clear-CtrNetwork, or start the container again.",
        [ErrorIds.HelperMissing] = f => $"Run Start-CtrTask {f.Subject}: it installs the program again.",
        ["NetworkMissing"] = f =>
            $"Create it again with New-CtrNetwork {f.Networks[0]}, or run Disconnect-CtrNetwork {f.Subject} {f.Networks[0]}.",
        ["NameServerStopped"] = _ =>
            "Run Repair-CtrNetwork. If it fails, allow port 53 on the bridge of the network in the firewall of the host.",
        ["RulesMissing"] = _ => "Run Repair-CtrNetwork.",
        ["SubnetConflict"] = f =>
            $"Disconnect its containers, remove the network '{f.Networks[0]}' with Remove-CtrNetwork, and create it again with another "
            + "-Subnet.",
    };

    /// <summary>The advice for a finding.</summary>
    internal static string For(CtrNetworkFinding finding) =>
        ByKind.TryGetValue(finding.Kind, out var advice) ? advice(finding) : finding.Remedy;
}
