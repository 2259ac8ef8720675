using Containerd.Testing;
using PublicApiGenerator;

namespace Containerd.Client.Tests.Api;

/// <summary>The public API of each library is recorded, so that a change of it is a decision and not an accident.</summary>
public sealed class PublicApiTests
{
    private const string Approve = "CONTAINERD_APPROVE";

    private static readonly ApiGeneratorOptions Options = new()
    {
        // Compilers write these attributes; callers do not see them.
        ExcludeAttributes =
        [
            "System.Runtime.CompilerServices.AsyncMethodBuilderAttribute",
            "System.Runtime.CompilerServices.InternalsVisibleToAttribute",
            "System.Reflection.AssemblyMetadataAttribute",
        ],
        DenyNamespacePrefixes = [],
    };

    private static string Folder => Path.Combine(Repository.Root, "tests", "Containerd.Client.Tests", "Api", "Approved");

    [Theory]
    [MemberData(nameof(ApiTypes.Libraries), MemberType = typeof(ApiTypes))]
    public async Task The_public_api_of_a_library_is_the_approved_one(string library)
    {
        var path = Path.Combine(Folder, library + ".txt");
        var now = ApiTypes.Load(library).GeneratePublicApi(Options).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable(Approve) is { Length: > 0 })
            await File.WriteAllTextAsync(path, now);
        var approved = File.Exists(path) ? (await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n") : "";
        var removed = Lines(approved).Except(Lines(now)).Select(line => "- " + line);
        var added = Lines(now).Except(Lines(approved)).Select(line => "+ " + line);
        Assert.True(
            approved == now,
            $"""
            The public API of {library} is not the approved one:
            {string.Join('\n', removed.Concat(added))}
            If the change is intended, run: {Approve}=1 ./build.sh test PublicApiTests
            Then read the diff of {Path.GetRelativePath(
                Repository.Root,
                path
            )}, commit it, and name each removed or changed line in CHANGELOG.md.
            """
        );
    }

    private static string[] Lines(string text) => [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 1)];
}
