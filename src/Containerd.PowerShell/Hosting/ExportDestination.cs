using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>One file that a command writes.</summary>
/// <param name="Path">Its path in the file system.</param>
/// <param name="Given">The path that the user typed.</param>
/// <param name="Name">The name of the file if the typed path is a directory; otherwise null.</param>
internal sealed record ExportDestination(string Path, string Given, string? Name)
{
    /// <summary>The written file as Get-Item shows it for the typed path, with its provider, size, mode and owner.</summary>
    internal object Item(PSCmdlet cmdlet)
    {
        try
        {
            var path = Name is null ? Given : cmdlet.SessionState.Path.Combine(Given, Name);
            if (cmdlet.InvokeProvider.Item.Get([path], force: true, literalPath: true) is [var item, ..])
                return item;
        }
        catch (RuntimeException)
        {
            // Another process has already moved the file.
        }

        return new FileInfo(Path);
    }
}
