using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that runs an action on each of its containers, one after another or several at a time.</summary>
public abstract class ThrottledContainerCmdlet : ContainerCmdlet, IThrottled
{
    /// <summary>
    /// Specifies the maximum number of containers that are processed at the same time. With 1, the default, the containers are processed
    /// one after another and results are in input order. Above 1, results are in the order of completion, and a failure does not delay the
    /// other containers.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;
}
