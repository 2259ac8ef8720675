namespace Containerd.PowerShell.Tests;

/// <summary>Tests that run alone, because they affect all sessions of the process, or all daemons of the machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
