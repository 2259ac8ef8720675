using System.Management.Automation;

namespace Containerd.Testing;

/// <summary>
/// The result of a script: its streams, and the terminating error, if any (<see cref="PipelineStoppedException"/> after Ctrl+C).
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
    /// <summary>The only error.</summary>
    public ErrorRecord Error =>
        Exception is IContainsErrorRecord terminating && Errors.Count == 0 ? terminating.ErrorRecord
        : Errors is [var only] ? only
        : throw new InvalidOperationException($"Not one error, but {Errors.Count}: {string.Join("; ", Errors)}");

    /// <summary>The output's objects of a type.</summary>
    public IEnumerable<T> Of<T>() => Output.Select(item => item?.BaseObject).OfType<T>();
}
