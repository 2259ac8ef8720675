namespace Containerd.Testing;

/// <summary>The paths of the repository's files.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The built module.</summary>
    public static string Module { get; } = Path.Combine(Root, "out", "Containerd");

    /// <summary>A script of the fixture.</summary>
    public static string Fixture(string name) => Path.Combine(Root, "tests", "fixture", name);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Containerd.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run from inside the repository.");
    }
}
