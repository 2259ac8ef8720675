namespace Containerd.Host.Native;

/// <summary>Characters that a terminal's line discipline acts on.</summary>
internal static class ControlCharacters
{
    /// <summary>Ctrl+D, by its usual setting.</summary>
    internal const byte EndOfTransmission = 4;
}
