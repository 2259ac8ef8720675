namespace Containerd.Client.Tests;

/// <summary>Tests that run alone, because they measure the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
