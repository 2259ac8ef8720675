using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Whether a cmdlet only shows what it would do.</summary>
internal static class WhatIfParameter
{
    /// <summary>Whether -WhatIf was specified, or is the caller's preference.</summary>
    internal static bool IsWhatIf(this PSCmdlet cmdlet) =>
        LanguagePrimitives.IsTrue(
            cmdlet.MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given) ? given : cmdlet.GetVariableValue("WhatIfPreference")
        );
}
