using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace Containerd.EngineHost;

/// <summary>A runspace as pwsh would set it up, as far as the engine alone can.</summary>
public static class EngineSession
{
    /// <summary>Opens a runspace that finds the modules in a folder.</summary>
    public static Runspace Open(PSHost host, string modules)
    {
        var known = Environment.GetEnvironmentVariable("PSModulePath") ?? "";
        if (!known.Split(Path.PathSeparator).Contains(modules, StringComparer.Ordinal))
            Environment.SetEnvironmentVariable("PSModulePath", known.Length > 0 ? modules + Path.PathSeparator + known : modules);
        if (!host.UI.SupportsVirtualTerminal)
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        var runspace = RunspaceFactory.CreateRunspace(host, InitialSessionState.CreateDefault2());
        runspace.Open();
        return runspace;
    }

    /// <summary>Shows an error as the shell does.</summary>
    public static void Show(Runspace runspace, ErrorRecord error)
    {
        var shown = PSObject.AsPSObject(error);
        shown.Properties.Add(new PSNoteProperty("writeErrorStream", value: true));
        using var shell = PowerShell.Create(runspace);
        shell.AddCommand("Out-Default").Invoke(new[] { shown });
    }
}
