using Containerd.Client.Records;
using Containerd.Client.Transport;

namespace Containerd.Client.Tests.Records;

/// <summary>What a list of containers reads of their specs.</summary>
public sealed class SpecSummaryTests
{
    [Fact]
    public void Names_match_in_any_case_and_everything_else_is_skipped()
    {
        var summary = Of(
            """
            { "ociVersion": "1.2.0", "Process": { "user": { "uid": 7 }, "args": ["a", "b"], "env": [1, {}, []] },
              "mounts": [ { "destination": "/x", "source": "/y", "options": ["ro"] }, null ],
              "annotations": { "k": "v" }, "linux": { "seccomp": { "syscalls": [] }, "namespaces": [ { "type": "network" } ] } }
            """
        );
        Assert.Equal(["a", "b"], summary.Process!.Args!);
        Assert.Equal("/y", summary.Mounts![0]!.Source);
        Assert.Null(summary.Mounts[1]);
        Assert.Equal("v", summary.Annotations!["k"]);
        Assert.Equal("network", summary.Linux!.Namespaces![0]!.Type);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{ "process": 5 }""")]
    [InlineData("""{ "process": { "args": 5 } }""")]
    public void A_text_that_is_not_a_spec_has_an_empty_summary(string text) => Assert.Null(Of(text).Process);

    [Fact]
    public void A_byte_order_mark_is_not_part_of_the_spec() =>
        Assert.Equal(["a"], Of("\uFEFF{\"process\":{\"args\":[\"a\"]}}").Process!.Args!);

    [Fact]
    public void It_allocates_a_fraction_of_what_a_whole_spec_does()
    {
        var spec = new CtrSpec
        {
            Process = new() { Args = ["sleep", "1000"], Env = [.. Enumerable.Range(0, 50).Select(i => $"NAME_{i}=value")] },
            Linux = new() { Seccomp = new() { Syscalls = [new() { Names = [.. Enumerable.Range(0, 400).Select(i => $"call_{i}")] }] } },
        };
        var stored = WireAny.Json(WireAny.Spec, spec.ToJson(indented: false));
        Assert.InRange(Allocated(() => SpecSummary.Of(stored)), 1, Allocated(() => CtrSpec.Parse(stored.Text())) / 10);
    }

    private static long Allocated(Action action)
    {
        // The first run creates what is kept.
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static SpecSummary Of(string text) => SpecSummary.Of(WireAny.Json(WireAny.Spec, text));
}
