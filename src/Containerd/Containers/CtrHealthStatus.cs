namespace Containerd;

/// <summary>The status of a container's health.</summary>
public enum CtrHealthStatus
{
    /// <summary>The status is not known: it has a form that this version cannot read.</summary>
    Unknown,

    /// <summary>No check has succeeded since the start, and too few have failed.</summary>
    Starting,

    /// <summary>The last check succeeded.</summary>
    Healthy,

    /// <summary>As many checks in succession have failed as the container allows.</summary>
    Unhealthy,
}
