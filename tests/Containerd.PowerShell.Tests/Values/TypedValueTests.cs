using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Values;

/// <summary>
/// Times, moments, sizes and ids as they are typed. The acceptance suite tries each parameter in each way to it, where the engine's trace
/// shows what was bound.
/// </summary>
public sealed class TypedValueTests : IDisposable
{
    private static readonly Type[] ValueTypes = [typeof(CtrDuration), typeof(CtrMoment), typeof(CtrSize)];

    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void No_parameter_hides_from_the_engine_how_its_value_was_typed() =>
        Assert.DoesNotContain(Parameters(), p => Nullable.GetUnderlyingType(p.Type) is { } type && ValueTypes.Contains(type));

    [Theory]
    [InlineData("Clear-CtrImage:OlderThan", "7d", "Clear-CtrImage -Confirm:$false")]
    [InlineData("Clear-*:Older*", "'soon'", "Clear-CtrImage -Confirm:$false")]
    [InlineData("New-CtrSpec:Memory", "7d", "New-CtrSpec x")]
    public void A_default_value_that_cannot_be_used_is_an_error_and_not_a_command_without_it(string key, string value, string call)
    {
        using var engine = new Engine();
        engine.Require("$env:CONTAINERD_ADDRESS = '/nonexistent/containerd.sock'");
        var error = engine.Invoke($"$PSDefaultParameterValues = @{{ '{key}' = {value} }}; {call}").Error;
        Assert.StartsWith("InvalidDefaultValue,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7d -as [Containerd.CtrDuration]", null)]
    [InlineData("([Containerd.CtrDuration]'7d').TimeSpan.TotalDays", "7")]
    [InlineData("[Containerd.CtrDuration]$d = '-1'; $d.IsUnlimited", "True")]
    [InlineData("([Containerd.CtrDuration][Threading.Timeout]::InfiniteTimeSpan).ToString()", "-1")]
    [InlineData("([Containerd.CtrDuration]1.5).ToString()", "1.5s")]
    [InlineData("([Containerd.CtrSize]1.5gb).Bytes", "1610612736")]
    [InlineData("function Typed([Containerd.CtrDuration] $D) { $D.ToString() }; Typed 500us", "500us")]
    [InlineData("function Typed([Containerd.CtrDuration] $D) { $D.ToString() }; Typed 1e3", "16m40s")]
    [InlineData("function Typed([Containerd.CtrSize] $S) { $S.Bytes }; Typed 0x10kb", "16384")]
    [InlineData("Import-Module Containerd -Force; function Typed([Containerd.CtrDuration] $D) { $D.ToString() }; Typed 7d", "168h")]
    [InlineData(
        "Remove-Module Containerd; Import-Module Containerd; function Typed([Containerd.CtrDuration] $D) { $D.ToString() }; Typed 7d",
        "168h"
    )]
    public void A_cast_and_a_script_s_own_parameter_convert_in_the_same_way(string script, string? expected) =>
        Assert.Equal(expected, _engine.Require(script) is [{ } only] ? only.ToString() : null);

    [Theory]
    [InlineData("Get-CtrContainer 10d, web", "quotes")]
    [InlineData("$id = 10s; Stop-CtrTask $id", "quotes")]
    [InlineData("Invoke-CtrExec (10d) -- true", "quotes")]
    [InlineData("Remove-CtrImage (5n)", "quotes")]
    [InlineData("Get-CtrContainer ([datetime]::Now)", "does not name a container")]
    public void A_number_that_does_not_show_how_it_was_typed_is_not_a_name(string script, string reason) =>
        Assert.Contains(reason, _engine.Invoke(script).Error.Exception.Message, StringComparison.Ordinal);

    [Fact]
    public void A_comma_in_a_value_is_explained_for_every_parameter()
    {
        var parameters = Parameters()
            .Where(p => ValueTypes.Contains(p.Type))
            .Append((Cmdlet: "New-CtrSpec", Name: "Cpu", Type: typeof(decimal)))
            .ToList();
        Assert.True(parameters.Count > 25);
        foreach (var (cmdlet, name, type) in parameters)
        {
            // 1,5g is a number and a text, 7d, 8d and 1,5s are two numbers.
            foreach (var value in new[] { "1,5g", "7d, 8d", "1,5s" })
            {
                var message = _engine.Invoke($"{cmdlet} -{name} {value}").Error.Exception.Message;
                Assert.True(
                    message.Contains("with a decimal point, such as ", StringComparison.Ordinal),
                    $"{cmdlet} -{name} {value}: {message}"
                );
                Assert.DoesNotContain("System.Object[]", message, StringComparison.Ordinal);
                Assert.True(type != typeof(CtrSize) || message.Contains("1.5g", StringComparison.Ordinal), message);
            }
        }
    }

    [Fact]
    public void Any_list_is_rejected_without_the_attribute_too() =>
        Assert.StartsWith(
            "ParameterArgumentTransformationError,",
            _engine.Invoke("function Typed([Containerd.CtrSize] $S) { $S.Bytes }; Typed 1,5g").Error.FullyQualifiedErrorId,
            StringComparison.Ordinal
        );

    /// <summary>Every parameter of every cmdlet.</summary>
    private List<(string Cmdlet, string Name, Type Type)> Parameters() =>
        [
            .. _engine
                .Require("(Get-Module Containerd).ExportedCmdlets.Values")
                .Select(c => (CmdletInfo)c.BaseObject)
                .SelectMany(c => c.Parameters.Values.Select(p => (c.Name, p.Name, p.ParameterType))),
        ];
}
