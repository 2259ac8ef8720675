namespace Containerd.PowerShell;

/// <summary>Warnings of work that runs beside the pipeline, written on the pipeline's thread.</summary>
/// <param name="cmdlet">The cmdlet that writes them.</param>
/// <param name="post">Runs an action on the pipeline's thread.</param>
internal sealed class PostedWarnings(CtrCmdlet cmdlet, Action<Action> post) : IProgress<string>
{
    public void Report(string value) => post(() => cmdlet.WriteWarning(value));
}
