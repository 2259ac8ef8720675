using System.Reflection;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>Every error says what to do: in its exception, or by its id.</summary>
public sealed class ErrorAdviceTests
{
    // They report what the user's own program did.
    private static readonly string[] Reports = ["ProcessExitedNonZero", "StandardError"];

    [Fact]
    public void Every_error_id_of_the_sources_has_advice()
    {
        using var engine = new Engine();
        var advice = ((Type)engine.Require("(Get-Command Get-CtrTask).ImplementingType")[0].BaseObject)
            .Assembly.GetType("Containerd.PowerShell.ErrorAdvice")!
            .GetMethod("For", BindingFlags.NonPublic | BindingFlags.Static)!;
        var ids = SourceErrors.WithoutRemedy.Except(Reports).Order(StringComparer.Ordinal).ToList();
        Assert.True(ids.Count > 30, $"{ids.Count}");
        Assert.Contains("SnapshotNotFound", ids);
        Assert.DoesNotContain(ids, id => advice.Invoke(null, [id]) is not string { Length: > 20 });
    }

    [Fact]
    public void Advice_fits_what_was_typed()
    {
        using var engine = new Engine();
        var error = engine.Invoke("Connect-CtrSession unix:///run/no/such.sock -Namespace 'bad/ns'").Error;
        Assert.Equal("InvalidId", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("such as staging", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }
}
