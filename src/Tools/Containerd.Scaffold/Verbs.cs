namespace Containerd.Scaffold;

/// <summary>PowerShell's approved verbs, by the class that has their constants.</summary>
internal static class Verbs
{
    internal static readonly IReadOnlyDictionary<string, string> Approved = new Dictionary<string, string>
    {
        ["VerbsCommon"] =
            "Add Clear Close Copy Enter Exit Find Format Get Hide Join Lock Move New Open Optimize Push Pop Redo Remove Rename "
            + "Reset Resize "
            + "Search Select Set Show Skip Split Step Switch Undo Unlock Watch",
        ["VerbsCommunications"] = "Connect Disconnect Read Receive Send Write",
        ["VerbsData"] =
            "Backup Checkpoint Compare Compress Convert ConvertFrom ConvertTo Dismount Edit Expand Export Group Import Initialize "
            + "Limit Merge "
            + "Mount Out Publish Restore Save Sync Unpublish Update",
        ["VerbsDiagnostic"] = "Debug Measure Ping Repair Resolve Test Trace",
        ["VerbsLifecycle"] =
            "Approve Assert Build Complete Confirm Deny Deploy Disable Enable Install Invoke Register Request Restart Resume Start Stop "
            + "Submit Suspend Uninstall Unregister Wait",
        ["VerbsOther"] = "Use",
        ["VerbsSecurity"] = "Block Grant Protect Revoke Unblock Unprotect",
    }
        .SelectMany(group => group.Value.Split(' ').Select(verb => (verb, group.Key)))
        .ToDictionary(pair => pair.verb, pair => pair.Key, StringComparer.Ordinal);

    // A cmdlet with another verb changes something, and has -WhatIf and -Confirm.
    private static readonly string[] Reading =
    [
        "Compare",
        "Find",
        "Get",
        "Measure",
        "Ping",
        "Read",
        "Search",
        "Select",
        "Show",
        "Test",
        "Trace",
        "Wait",
        "Watch",
    ];

    internal static bool ChangesState(string verb) => !Reading.Contains(verb);
}
