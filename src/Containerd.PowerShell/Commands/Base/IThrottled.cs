namespace Containerd.PowerShell;

/// <summary>A cmdlet that can work on several items at a time.</summary>
internal interface IThrottled
{
    /// <summary>The maximum number; with 1, items are processed one after another, in input order.</summary>
    public int ThrottleLimit { get; }
}
