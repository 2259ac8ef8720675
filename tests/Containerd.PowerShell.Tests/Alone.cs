namespace Containerd.PowerShell.Tests;

/// <summary>Tests that run beside no others: what they do concerns all sessions of the process, or all daemons of the machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
