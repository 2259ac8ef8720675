using System.Management.Automation;

namespace Containerd.Testing;

/// <summary>
/// What came of a script: its streams, and the terminating error if there was one (<see cref="PipelineStoppedException"/> after Ctrl+C).
/// </summary>
public sealed record Invocation(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<WarningRecord> Warnings,
    IReadOnlyList<InformationRecord> Information,
    IReadOnlyList<VerboseRecord> Verbose,
    IReadOnlyList<ProgressRecord> Progress,
    Exception? Exception
)
{
    /// <summary>The one error that there was.</summary>
    public ErrorRecord Error =>
        Exception is IContainsErrorRecord terminating && Errors.Count == 0 ? terminating.ErrorRecord
        : Errors is [var only] ? only
        : throw new InvalidOperationException($"Not one error, but {Errors.Count}: {string.Join("; ", Errors)}");

    /// <summary>The output's objects of a type.</summary>
    public IEnumerable<T> Of<T>() => Output.Select(item => item?.BaseObject).OfType<T>();
}
