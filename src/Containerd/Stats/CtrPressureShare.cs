namespace Containerd;

/// <summary>The share of the time in which processes waited.</summary>
public sealed class CtrPressureShare
{
    /// <summary>Percent of the last 10 seconds (avg10).</summary>
    public double Avg10 { get; set; }

    /// <summary>Percent of the last 60 seconds (avg60).</summary>
    public double Avg60 { get; set; }

    /// <summary>Percent of the last 300 seconds (avg300).</summary>
    public double Avg300 { get; set; }

    /// <summary>The total since the start (total, in microseconds).</summary>
    public TimeSpan Total { get; set; }
}
