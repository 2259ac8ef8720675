namespace Containerd.Host.Native;

/// <summary>How a program ended.</summary>
/// <param name="TimedOut">Whether it was killed at its time limit.</param>
/// <param name="ExitCode">Its exit code; 128 and the signal's number if a signal ended it.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record SpawnResult(bool TimedOut, int ExitCode, byte[] Output, byte[] Error);
