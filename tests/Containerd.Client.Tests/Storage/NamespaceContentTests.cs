using Containerd.Client.Workloads.Namespaces;

namespace Containerd.Client.Tests.Storage;

/// <summary>What the removal of a namespace takes for removed by another client.</summary>
public sealed class NamespaceContentTests
{
    [Fact]
    public async Task Only_the_object_itself_may_be_missing()
    {
        await NamespaceContent.UnlessMissingAsync([ErrorIds.ContainerNotFound], () => Missing(ErrorIds.ContainerNotFound));
        var error = await Assert.ThrowsAsync<CtrNotFoundException>(() =>
            NamespaceContent.UnlessMissingAsync([ErrorIds.ContainerNotFound], () => Missing(ErrorIds.PluginNotFound))
        );
        Assert.Equal(ErrorIds.PluginNotFound, error.ErrorId);
    }

    private static Task Missing(string id) => Task.FromException(new CtrNotFoundException("It does not exist.") { ErrorId = id });
}
