using System.Diagnostics;
using System.Globalization;

namespace Containerd.Bench;

/// <summary>What one side of a comparison took, in milliseconds.</summary>
internal sealed class Samples(string name)
{
    private readonly List<double> _times = [];

    internal double Median => At(0.5);

    internal async Task AddAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        _times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>Prints the sides with their ratio to the first one.</summary>
    internal static void Print(string title, params Samples[] sides)
    {
        Console.WriteLine();
        Console.WriteLine(title);
        Console.WriteLine($"  {"", -44}{"median", 10}{"p10", 10}{"p90", 10}{"ratio", 9}");
        foreach (var side in sides)
            Console.WriteLine(side.Line(sides[0].Median));
    }

    private string Line(double baseline) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"  {name, -44}{Median, 7:0.00} ms{At(0.1), 7:0.00} ms{At(0.9), 7:0.00} ms{Median / baseline, 8:0.0}x"
        );

    private double At(double share)
    {
        var sorted = _times.Order().ToList();
        return sorted[(int)((sorted.Count - 1) * share)];
    }
}
