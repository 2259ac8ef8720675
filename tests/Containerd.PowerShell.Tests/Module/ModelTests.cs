using System.Reflection;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>What the pipeline carries: plain objects that a script can make, for its own tests and mocks.</summary>
public sealed class ModelTests
{
    // A signal is a value like a number: it is read from its name, and never changes.
    private static readonly Type[] Carried =
    [
        .. typeof(CtrSession)
            .Assembly.GetExportedTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type != typeof(CtrSignal)),
    ];

    public static TheoryData<Type> Types => [.. Carried];

    [Theory]
    [MemberData(nameof(Types))]
    public void Each_type_can_be_created_without_arguments(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        Assert.NotNull(type.GetConstructor([]));
        Assert.NotNull(Activator.CreateInstance(type)!.ToString());
    }

    [Fact]
    public void Every_property_of_an_output_object_can_be_set()
    {
        var closed = Carried
            .Where(type => !typeof(Exception).IsAssignableFrom(type))
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Where(property =>
                property.DeclaringType!.Assembly == typeof(CtrSession).Assembly
                && property.GetIndexParameters().Length == 0
                && property.SetMethod is not { IsPublic: true }
            )
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}");
        Assert.Empty(closed);
    }

    [Fact]
    public void No_property_makes_a_call_because_the_model_has_no_client()
    {
        var references = typeof(CtrSession).Assembly.GetReferencedAssemblies().Select(name => name.Name!).Order(StringComparer.Ordinal);
        Assert.All(references, name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
        Assert.DoesNotContain(references, name =>
            // Addresses are parsed.
            (
                name.StartsWith("System.Net", StringComparison.Ordinal) && name != "System.Net.Primitives"
            )
            || name.StartsWith("System.IO.", StringComparison.Ordinal)
            || name.Contains("Process", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(
        "[Containerd.CtrTask]@{ ContainerId = 'x'; Pid = 7; Status = 'Paused' } | ForEach-Object { \"$($_.ContainerId) $($_.Pid) $($_.Status)\" }",
        "x 7 Paused"
    )]
    [InlineData("[Containerd.CtrContainer]@{ ContainerId = 'x'; Image = 'busybox' } | ForEach-Object { \"$_ $($_.Labels.Count)\" }", "x 0")]
    [InlineData("[Containerd.CtrExit]@{ ContainerId = 'x'; ExitCode = 3 } | ForEach-Object ExitCode | ForEach-Object ToString", "3")]
    [InlineData("[Containerd.CtrImage]@{ Name = 'a:1'; Size = 5kb } | ForEach-Object { \"$_ $($_.Size)\" }", "a:1 5120")]
    [InlineData(
        "[Containerd.CtrStats]@{ ContainerId = 'x'; CpuPercent = 12.5; MemoryUsed = 30mb; CgroupV2 = @{ Memory = @{ Anon = 5kb } } } | ForEach-Object { \"$_ $($_.CpuPercent) $($_.MemoryUsed) $($_.CgroupV2.Memory.Anon)\" }",
        "x 12.5 31457280 5120"
    )]
    [InlineData(
        "[Containerd.CtrProcessInfo]@{ ContainerId = 'x'; Pid = 5; Command = 'a', 'b'; CpuTime = '00:00:02' } | ForEach-Object { \"$_ $($_.Command[1]) $($_.CpuTime.TotalSeconds)\" }",
        "x b 2"
    )]
    [InlineData("[Containerd.CtrSession]@{ Name = 'prod' } | ForEach-Object ToString", "prod")]
    [InlineData("[Containerd.CtrSpec]@{ Process = @{ Args = 'a', 'b' } } | ForEach-Object ToString", "a b")]
    [InlineData("[Containerd.CtrMount]@{ Source = '/a'; Target = '/b' } | ForEach-Object ToString", "type=bind,source=/a,target=/b")]
    [InlineData("[Containerd.CtrSize]'512m' | ForEach-Object ToString", "512MiB")]
    [InlineData("[Containerd.CtrDuration]'1m30s' | ForEach-Object { \"$($_.TotalSeconds)\" }", "90")]
    [InlineData("[Containerd.CtrSignal]'sigterm' | ForEach-Object { \"$($_.Number)\" }", "15")]
    [InlineData("[Containerd.CtrUlimit]'nofile=10:20' | ForEach-Object ToString", "nofile=10:20")]
    [InlineData("[Containerd.CtrDevice]'/dev/fuse' | ForEach-Object Permissions", "rwm")]
    public void A_script_creates_them_with_type_literals(string script, string expected)
    {
        using var engine = new Engine();
        Assert.Equal(expected, engine.Require<string>(script));
    }
}
