using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The name of a new object: a string, or a script block that returns one for each object of the pipeline.</summary>
internal static class NewName
{
    /// <param name="given">The value of the parameter.</param>
    /// <param name="item">The object of the pipeline; null without one.</param>
    internal static string Of(object given, object? item) =>
        (given is PSObject wrapped ? wrapped.BaseObject : given) switch
        {
            string text => text,
            ScriptBlock block when item is not null => Evaluate(block, item),
            ScriptBlock => throw Invalid(
                "A script block for -Name requires objects from the pipeline.",
                "Use a string, or pipe containers in."
            ),
            var number when TypedNumber.IsNumber(number) => LanguagePrimitives.ConvertTo<string>(given),
            var other => throw Invalid($"A {other.GetType().FullName} is not a name.", "Use a string, or a script block that returns one."),
        };

    private static string Evaluate(ScriptBlock block, object item)
    {
        Collection<PSObject> results;
        try
        {
            results = block.InvokeWithContext(null, [new PSVariable("_", item)], []);
        }
        catch (RuntimeException e)
        {
            throw Invalid($"The script block for -Name failed: {e.Message}", "Correct the script block.");
        }

        return results is [{ } only] && LanguagePrimitives.ConvertTo<string>(only) is { Length: > 0 } name
            ? name
            : throw Invalid(
                $"The script block for -Name returned {(results.Count == 1 ? "an empty value" : $"{results.Count} values")}.",
                "Return one string."
            );
    }

    private static CtrArgumentException Invalid(string message, string remedy) =>
        new(message) { ErrorId = ErrorIds.InvalidImageName, Remedy = remedy };
}
