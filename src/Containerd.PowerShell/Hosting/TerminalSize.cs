namespace Containerd.PowerShell;

/// <summary>The size of a terminal that is not this console, from -Width and -Height.</summary>
internal static class TerminalSize
{
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    /// <summary>Reads both parameters.</summary>
    /// <param name="width">The columns; null if not specified.</param>
    /// <param name="height">The rows; null if not specified.</param>
    /// <param name="hasTerminal">Whether the process has a terminal.</param>
    /// <param name="isConsole">Whether its terminal is this console.</param>
    /// <returns>The size; null if neither is specified.</returns>
    /// <exception cref="CtrArgumentException">NoTerminal, ConflictingParameters.</exception>
    internal static CtrSpecBox? Read(int? width, int? height, bool hasTerminal, bool isConsole = false)
    {
        if (width is null && height is null)
            return null;
        if (isConsole)
            throw ConflictingParameters.Error(
                "-Width and -Height cannot be combined with -Interactive -Tty: this terminal has the size of the window.",
                "Omit -Width and -Height."
            );
        if (!hasTerminal)
        {
            throw new CtrArgumentException("-Width and -Height set the size of a terminal, but the process has no terminal.")
            {
                ErrorId = ErrorIds.NoTerminal,
                Remedy = "Use -Tty too.",
            };
        }

        return new CtrSpecBox { Width = (uint)(width ?? UsualWidth), Height = (uint)(height ?? UsualHeight) };
    }
}
