namespace Containerd.Testing;

/// <summary>How a script ended that ran in a process of its own, and what it said.</summary>
public sealed record HostRun(int Code, string Output, string Error)
{
    /// <summary>What the script said under a name; it is an error when it said nothing, or said it twice.</summary>
    public string this[string name]
    {
        get
        {
            var said = Output
                .Split('\n')
                .Where(line => line.StartsWith(name + "=", StringComparison.Ordinal))
                .Select(line => line[(name.Length + 1)..])
                .ToList();
            return said is [var only]
                ? only
                : throw new InvalidOperationException(
                    $"The script said '{name}' {said.Count} times, and ended with {Code}:\n{Output}\n{Error}"
                );
        }
    }
}
