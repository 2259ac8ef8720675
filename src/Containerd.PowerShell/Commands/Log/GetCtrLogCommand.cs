using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Reads what containers wrote: every start's standard output, then its standard error, as lines.</summary>
[Cmdlet(VerbsCommon.Get, "CtrLog", DefaultParameterSetName = ById)]
[OutputType(typeof(string))]
public sealed class GetCtrLogCommand : ContainerCmdlet
{
    /// <summary>One stream alone.</summary>
    [Parameter]
    public CtrOutput? Stream { get; set; }

    /// <summary>Only the last lines, so many of each container.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <summary>A detached exec's output in the place of the container's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    protected override void ProcessRecord() => ForEachContainer(target =>
    {
        var lines = Await(cancellation => target.Namespace.Logs.ReadAsync(target.Id, Stream, ExecId ?? target.ExecId, cancellation));
        foreach (var line in Tail is int count ? lines.TakeLast(count) : lines)
        {
            StopToken.ThrowIfCancellationRequested();
            var item = new PSObject(line.Text);
            item.Properties.Add(new PSNoteProperty("ContainerId", target.Id));
            item.Properties.Add(new PSNoteProperty("Stream", line.Source));
            item.Properties.Add(new PSNoteProperty("Start", line.Start));
            WriteObject(item);
        }
    });
}
