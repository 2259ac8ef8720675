using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Accepts names for parameters of sessions: <c>-Session prod</c>, <c>-Session prod*</c>, <c>-Session a, $b</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SessionTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            string name => Named(name),
            IList items when items.Cast<object?>().Any(item => Plain(item) is string) => items
                .Cast<object?>()
                .SelectMany(item => Plain(item) is string name ? Named(name) : [Plain(item)!])
                .Distinct()
                .ToArray(),
            _ => inputData,
        };

    private static object? Plain(object? item) => item is PSObject wrapped ? wrapped.BaseObject : item;

    private static object[] Named(string name)
    {
        WildcardPattern pattern;
        try
        {
            pattern = NamePattern.Get(name, WildcardOptions.IgnoreCase);
        }
        catch (CtrArgumentException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }

        object[] found =
        [
            .. SessionRegistry
                .List()
                .Where(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase) || pattern.IsMatch(s.Name)),
        ];
        return found.Length > 0
            ? found
            : throw new ArgumentTransformationMetadataException(
                WildcardPattern.ContainsWildcardCharacters(name)
                    ? $"No open session's name matches '{name}'. Get-CtrSession lists them."
                    : $"No open session is named '{name}'. Get-CtrSession lists them; Connect-CtrSession -Name {name} opens one."
            );
    }
}
