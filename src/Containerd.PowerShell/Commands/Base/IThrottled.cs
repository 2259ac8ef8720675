namespace Containerd.PowerShell;

/// <summary>A cmdlet that can work on several items at a time.</summary>
internal interface IThrottled
{
    /// <summary>How many at most; at 1 they come one after the other, in the order of the input.</summary>
    public int ThrottleLimit { get; }
}
