using System.Collections;
using System.Reflection;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>Every error says what to do: in the words of this module, or as its exception says it.</summary>
public sealed class RecommendationTests
{
    // They report what the user's own program did, and the user's own answer, which the cmdlets do not write as an error.
    private static readonly string[] Reports = [ErrorIds.ProcessExitedNonZero, ErrorIds.StandardError, ErrorIds.CheckpointDeclined];

    [Fact]
    public void Every_error_id_of_the_sources_has_a_recommendation()
    {
        using var engine = new Engine();
        var find = FindIn(engine);
        var ids = SourceErrors.WithoutRemedy.Except(Reports).Order(StringComparer.Ordinal).ToList();
        Assert.True(ids.Count > 30, $"{ids.Count}");
        Assert.Contains(ErrorIds.SnapshotNotFound, ids);
        var without = ids.Where(id =>
            find.Invoke(null, [new CtrException("It failed.") { ErrorId = id, Subject = "web" }]) is not string { Length: > 20 }
        );
        Assert.Empty(without);
    }

    [Fact]
    public void A_recommendation_of_the_module_replaces_the_remedy_of_the_library()
    {
        using var engine = new Engine();
        var find = FindIn(engine);
        Assert.Equal(
            "Resume it with Resume-CtrTask web.",
            find.Invoke(
                null,
                [
                    new CtrException("It is paused.")
                    {
                        ErrorId = ErrorIds.TaskPaused,
                        Subject = "web",
                        Remedy = "Resume it first.",
                    },
                ]
            )
        );
        Assert.Equal("Another way.", find.Invoke(null, [new CtrException("It failed.") { ErrorId = "Other", Remedy = "Another way." }]));
        Assert.Null(find.Invoke(null, [new CtrException("It failed.") { ErrorId = ErrorIds.StandardError }]));
    }

    [Fact]
    public void The_remedy_of_an_exception_selects_among_the_recommendations_of_its_id()
    {
        using var engine = new Engine();
        var find = FindIn(engine);
        string? Of(string? remedy) =>
            (string?)
                find.Invoke(
                    null,
                    [
                        new CtrException("It exists.")
                        {
                            ErrorId = ErrorIds.TaskExists,
                            RemedyId = remedy,
                            Subject = "web",
                            Remedy = "Neutral.",
                        },
                    ]
                );
        Assert.Equal("Start that task with Start-CtrTask web.", Of("Start"));
        Assert.Equal("Stop that task first with Stop-CtrTask web.", Of("Stop"));
        Assert.Equal("Neutral.", Of(null));
    }

    [Fact]
    public void A_recommendation_refers_to_an_error_and_a_remedy_in_the_sources()
    {
        using var engine = new Engine();
        var table = (IDictionary)
            FindIn(engine).DeclaringType!.GetField("ById", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
        var keys = table.Keys.Cast<string>().ToList();
        Assert.True(keys.Count > 100, $"{keys.Count}");
        Assert.DoesNotContain(keys.SelectMany(key => key.Split('.')), name => !SourceErrors.IsNamed(name));
    }

    [Fact]
    public void Control_characters_of_a_subject_are_visible()
    {
        using var engine = new Engine();
        var text = (string)
            FindIn(engine).Invoke(null, [new CtrException("It is paused.") { ErrorId = ErrorIds.TaskPaused, Subject = "a\u001b[2J" }])!;
        Assert.DoesNotContain('\u001b', text);
    }

    [Fact]
    public void Advice_matches_the_typed_command()
    {
        using var engine = new Engine();
        var error = engine.Invoke("Connect-CtrSession unix:///run/no/such.sock -Namespace 'bad/ns'").Error;
        Assert.Equal(ErrorIds.InvalidId, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("such as staging", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    private static MethodInfo FindIn(Engine engine) =>
        ((Type)engine.Require("(Get-Command Get-CtrTask).ImplementingType")[0].BaseObject)
            .Assembly.GetType("Containerd.PowerShell.Recommendations")!
            .GetMethod("For", BindingFlags.NonPublic | BindingFlags.Static)!;
}
