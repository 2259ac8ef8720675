using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>
/// A user's session in its own namespace, and containerd's own client. All objects of the test are removed at the end.
/// </summary>
internal sealed class StorageSpace : IAsyncDisposable
{
    private string? _folder;

    private StorageSpace(DaemonFixture fixture, string name)
    {
        DaemonFixture = fixture;
        Namespace = name;
        Engine = fixture.Open(name);
    }

    internal DaemonFixture DaemonFixture { get; }

    internal string Namespace { get; }

    internal Engine Engine { get; }

    /// <summary>A folder of the test's own.</summary>
    internal string Folder => _folder ??= Directory.CreateTempSubdirectory("containerd-storage-").FullName;

    internal static async Task<StorageSpace> OpenAsync(DaemonFixtures fixtures, string suite, bool withImage = false)
    {
        var space = new StorageSpace(await fixtures.GetAsync(suite), PrivateDaemon.Unique("store"));
        if (withImage)
            space.Engine.Require($"Import-CtrImage '{await TestImages.BusyboxTarAsync()}'");
        return space;
    }

    internal Task<string> CtrAsync(params string[] arguments) => DaemonFixture.CtrInAsync(Namespace, arguments);

    /// <summary>The rows of one of containerd's own lists, each with single spaces between its columns.</summary>
    internal async Task<List<string>> RowsAsync(params string[] arguments) =>
        [
            .. (await CtrAsync(arguments))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Select(l => string.Join(' ', l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))),
        ];

    internal async Task<List<string>> LinesAsync(params string[] arguments) =>
        [.. (await CtrAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The output of a script, as strings.</summary>
    internal List<string> Texts(string script) => [.. Engine.Require(script).Select(o => o?.ToString() ?? "")];

    internal string Text(string script) => Assert.Single(Texts(script));

    /// <summary>The id of the one error that a script ends in, without the command's name.</summary>
    internal string ErrorId(string script) => Engine.Invoke(script).Error.FullyQualifiedErrorId.Split(',')[0];

    internal ErrorRecord Error(string script) => Engine.Invoke(script).Error;

    /// <summary>
    /// Has the garbage collector run to its end, as containerd's own client does after it has taken the labels of layers away.
    /// </summary>
    internal Task CollectAsync() => CtrAsync("content", "prune", "references");

    public ValueTask DisposeAsync()
    {
        Engine.Require(
            $"if (Get-CtrNamespace {Namespace}*) {{ Remove-CtrNamespace {Namespace} -Force -Confirm:$false }}; Disconnect-CtrSession"
        );
        Engine.Dispose();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
