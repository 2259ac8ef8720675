using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Finds what prevents networks of containers from working.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CtrNetwork")]
[OutputType(typeof(CtrNetworkFinding), typeof(bool))]
public sealed class TestCtrNetworkCommand : SessionCmdlet
{
    /// <summary>
    /// Specifies the names of networks; wildcards are permitted. By default, the findings of all networks and of the host are returned.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Network")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [IdTransformation(typeof(CtrNetwork), "a network", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Returns $true if there are no findings, and otherwise $false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var networks = Resolve().Networks;
                var isPattern = WildcardPattern.ContainsWildcardCharacters(name);
                var pattern = NamePattern.Get(name, WildcardOptions.None);
                var findings = Await(networks.ExamineAsync)
                    .Where(f => name == "*" || f.Networks.Any(n => isPattern ? pattern.IsMatch(n) : n == name))
                    .ToList();
                // That a container uses a network that does not exist is a finding.
                if (!isPattern && findings.Count == 0)
                    Await(cancellationToken => networks.GetAsync(name, cancellationToken));
                if (Quiet)
                {
                    WriteObject(findings.Count == 0);
                    return;
                }

                foreach (var finding in findings)
                {
                    finding.Remedy = FindingAdvice.For(finding);
                    WriteObject(finding);
                }
            });
        }
    }
}
