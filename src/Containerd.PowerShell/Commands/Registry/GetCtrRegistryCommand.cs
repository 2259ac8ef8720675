using System.Management.Automation;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Gets the stored credentials for registries, without their passwords.</summary>
[Cmdlet(VerbsCommon.Get, "CtrRegistry")]
[OutputType(typeof(CtrRegistryLogin))]
public sealed class GetCtrRegistryCommand : CtrCmdlet
{
    /// <summary>
    /// Specifies the registries; wildcards are permitted. By default, the stored credentials for all registries are returned.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(RegistryCompleter))]
    [IdTransformation(typeof(CtrRegistryLogin), "a registry", "Registry")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Registry { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var registry in Registry)
            Try(registry, () => WriteObject(Find(registry), enumerateCollection: true));
    }

    private List<CtrRegistryLogin> Find(string registry)
    {
        var isPattern = WildcardPattern.ContainsWildcardCharacters(registry);
        var pattern = WildcardPattern.Get(
            isPattern ? registry : WildcardPattern.Escape(RegistryLogins.Normalize(registry)),
            WildcardOptions.IgnoreCase
        );
        var found = Await(cancellationToken => RegistryLogins.ListAsync(cancellationToken: cancellationToken))
            .Where(l => pattern.IsMatch(l.Registry))
            .ToList();
        if (found.Count > 0 || isPattern)
            return found;
        throw new CtrNotFoundException($"No credentials for the registry '{registry}' are stored.")
        {
            ErrorId = ErrorIds.RegistryLoginNotFound,
            Subject = registry,
            Remedy = "Log in with Connect-CtrRegistry.",
        };
    }
}
