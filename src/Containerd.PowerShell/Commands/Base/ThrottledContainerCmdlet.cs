using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that does something to each of its containers, one after the other or several at a time.</summary>
public abstract class ThrottledContainerCmdlet : ContainerCmdlet, IThrottled
{
    /// <summary>
    /// How many containers are worked on at a time. With 1, the default, one comes after the other, and results in the order of the input;
    /// above that results come
    /// as they are there, and the failure of one does not hold up the others.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;
}
