using Containerd.Client.Records;

namespace Containerd.Client.Tests.Records;

/// <summary>The health of a container in the label that nerdctl writes.</summary>
public sealed class HealthLabelTests
{
    [Theory]
    [InlineData("""{"Status":"healthy","FailingStreak":0,"InStartPeriod":false}""", CtrHealthStatus.Healthy, 0)]
    [InlineData("""{"Status":"unhealthy","FailingStreak":3}""", CtrHealthStatus.Unhealthy, 3)]
    [InlineData("""{"Status":"starting"}""", CtrHealthStatus.Starting, 0)]
    [InlineData("""{"Status":"other"}""", CtrHealthStatus.Unknown, 0)]
    [InlineData("""{"Status":5}""", CtrHealthStatus.Unknown, 0)]
    [InlineData("""{"Status":"healthy","FailingStreak":1e99}""", CtrHealthStatus.Unknown, 0)]
    [InlineData("[]", CtrHealthStatus.Unknown, 0)]
    [InlineData("", CtrHealthStatus.Unknown, 0)]
    public void Any_text_of_any_client_is_read_without_an_error(string text, CtrHealthStatus status, int streak)
    {
        var health = HealthLabel.Read(new Dictionary<string, string> { [HealthLabel.Name] = text })!;
        Assert.Equal((status, streak), (health.Status, health.FailingStreak));
    }

    [Fact]
    public void A_container_that_nobody_checks_has_no_health() => Assert.Null(HealthLabel.Read(new Dictionary<string, string>()));
}
