using System.Reflection;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>
/// Sizes on output objects are numbers, so that PowerShell can compute with them; only views write units. The acceptance suite computes.
/// </summary>
public sealed class SizeTests
{
    private const string Two =
        "[Containerd.CtrStats]@{ ContainerId = 'a'; MemoryUsed = 3mb; MemoryLimit = 64mb; HostMemory = 1gb }, [Containerd.CtrStats]@{ ContainerId = 'b'; MemoryUsed = 1536kb; IsMemoryUnlimited = $true; HostMemory = 1gb }";

    [Fact]
    public void No_property_of_an_output_object_is_a_CtrSize()
    {
        var found = typeof(CtrStats)
            .Assembly.GetExportedTypes()
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(CtrSize))
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}");
        Assert.Empty(found);
    }

    [Fact]
    public void A_limit_that_can_be_missing_has_a_flag()
    {
        Assert.Equal((null, true), (new CtrStats().MemoryLimit, typeof(CtrStats).GetProperty("IsMemoryUnlimited")!.CanWrite));
        var limits = typeof(CtrStats)
            .Assembly.GetExportedTypes()
            .Where(type =>
                type.Namespace == "Containerd"
                && type.Name.Contains("Memory", StringComparison.Ordinal) | type.Name.Contains("Huge", StringComparison.Ordinal)
            )
            .Where(type =>
                type.GetProperties().Any(p => p.Name.EndsWith("Limit", StringComparison.Ordinal))
                && type.Name.StartsWith("CtrCgroup", StringComparison.Ordinal) | type == typeof(CtrHugetlbStats)
            )
            .ToList();
        Assert.Equal(4, limits.Count);
        Assert.All(limits, type =>
            Assert.Contains(type.GetProperties(), p =>
                p.Name.EndsWith("Unlimited", StringComparison.Ordinal) && p.PropertyType == typeof(bool)
            )
        );
    }

    [Fact]
    public void The_table_writes_units()
    {
        using var engine = new Engine();
        var table = engine.Display(Two);
        Assert.Contains("3MiB/64MiB", table, StringComparison.Ordinal);
        // Without a limit, what can be used is the memory of the host.
        Assert.Contains("1.5MiB/1GiB", table, StringComparison.Ordinal);
    }
}
