using System.Management.Automation;
using Containerd.Client;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Copies files and trees into containers, out of them, and between them.</summary>
[Cmdlet(VerbsCommon.Copy, "CtrItem", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(CtrCopiedItem))]
public sealed class CopyCtrItemCommand : SessionCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";
    private const string ByObject = "InputObject";

    private CopyOptions? _options;

    /// <summary>
    /// Specifies the items to copy: paths on this machine, or CONTAINER:/PATH for paths in a container. Wildcards are permitted in both.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByPath)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByObject)]
    [ArgumentCompleter(typeof(ContainerPathCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies the items to copy, as for -Path. The names are used exactly as typed; wildcards are not interpreted.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ArgumentCompleter(typeof(ContainerPathCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>
    /// Specifies the destination, on this machine or as CONTAINER:/PATH: a directory, into which the items are copied, or the new name of
    /// the item. The default is the current directory.
    /// </summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContainerPathCompleter))]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = ".")]
    public string Destination { get; set; } = ".";

    /// <summary>
    /// Specifies the container that the paths are in, by id or name or as an object. Specify the paths without the container then.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public object? FromContainer { get; set; }

    /// <summary>
    /// Specifies the container that the destination is in, by id or name or as an object. Specify the destination without the container
    /// then.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public object? ToContainer { get; set; }

    /// <summary>
    /// Specifies containers, or tasks, processes or exits of containers. A path that starts with a colon is in each of these containers.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public ICtrContainerObject? InputObject { get; set; }

    /// <summary>Indicates that directories are copied with their contents.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>
    /// Creates missing directories of the destination, replaces read-only files, devices and named pipes, and includes hidden files when
    /// wildcards in a container are resolved.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Indicates that a symbolic link is copied as a link. By default, the item that the link refers to is copied.</summary>
    [Parameter]
    public SwitchParameter NoFollowSymlink { get; set; }

    /// <summary>Returns an object for each copied item. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Not supported.</summary>
    [Parameter(DontShow = true)]
    [RefusedName("Write the container before the path, as in web:/etc/hosts.")]
    public object? Name { get; set; }

    protected override void ProcessRecord()
    {
        _options ??= new CopyOptions
        {
            Recurse = Recurse,
            Force = Force,
            NoFollow = NoFollowSymlink,
            Warn = text => Post(() => WriteWarning(text)),
        };
        Try(Destination, () =>
        {
            var literal = ParameterSetName == ByLiteralPath;
            var paths = literal ? LiteralPath : Path;
            var destination = LocationOf(Destination);
            var sources = new List<FileLocation>();
            foreach (var path in paths)
                Try(path, () => sources.AddRange(Sources(path, literal)));
            _options = _options! with { IntoFolder = paths.Length > 1 || sources.Count > 1 };
            foreach (var source in sources)
                Try(source.ToString(), () => Copy(source, destination));
        });
    }

    private void Copy(FileLocation source, FileLocation destination)
    {
        if (!ShouldProcess($"Item: {source} Destination: {destination}", "Copy"))
            return;
        var progress = new CopyProgressView(source.ToString(), record => Post(() => WriteProgress(record)));
        try
        {
            var item = Await(cancellationToken => FileService.CopyAsync(source, destination, _options!, progress, cancellationToken));
            WriteVerbose($"Copied {item.Source} to {item.Destination}: {item.Files} files, {ViewText.Size(item.Size)}.");
            if (PassThru)
                WriteObject(item);
        }
        finally
        {
            if (!Stopping && progress.Completed() is { } record)
                WriteProgress(record);
        }
    }

    private FileLocation LocationOf(string path)
    {
        if (Split(path, ToContainer) is { } inside)
            return In(inside);
        var full = ResolvePath(path);
        // The provider removes a trailing slash, which requests a directory.
        return FileLocation.OnHost(System.IO.Path.EndsInDirectorySeparator(path) ? full + "/" : full);
    }

    private IEnumerable<FileLocation> Sources(string path, bool literal)
    {
        if (Split(path, FromContainer) is { } inside)
            return Inside(inside, literal);
        // It also removes the trailing dot, which means the contents of a directory.
        var content = path == "." || path.EndsWith("/.", StringComparison.Ordinal) ? "/." : "";
        return ResolveFiles([path], literal).Select(file => FileLocation.OnHost(file + content));
    }

    private IEnumerable<FileLocation> Inside((object? Container, string Path) inside, bool literal)
    {
        if (literal || !WildcardPattern.ContainsWildcardCharacters(inside.Path))
            return [In((inside.Container, literal ? inside.Path : WildcardPattern.Unescape(inside.Path)))];
        var target = Target(inside.Container);
        var names = inside.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(PatternOf).ToList();
        return Await(cancellationToken => target.Namespace.Files.FindAsync(target.Id, names, cancellationToken))
            .Select(found => found.Location);
    }

    private FilePattern PatternOf(string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name))
            return new FilePattern(WildcardPattern.Unescape(name), null);
        // Names are case-sensitive, and those that start with a dot are hidden, as on the host.
        var pattern = NamePattern.Get(name, WildcardOptions.None);
        var hidden = Force || name.StartsWith('.');
        return new FilePattern(name, text => (hidden || !text.StartsWith('.')) && pattern.IsMatch(text));
    }

    /// <summary>Reads CONTAINER:/PATH.</summary>
    /// <returns>The container and the path in it; null for a path of this machine.</returns>
    private (object? Container, string Path)? Split(string path, object? named) =>
        named is not null ? (named, path)
        : ContainerPath.Split(path, SessionState.Drive.GetAll()) is not { } split ? null
        : split.Id.Length > 0 ? (split.Id, split.Path)
        : InputObject is not null ? (InputObject, split.Path)
        : throw new CtrArgumentException($"'{path}' does not name a container.")
        {
            ErrorId = ErrorIds.NoContainer,
            Subject = path,
            Remedy = "Put its id or name before the colon, or pipe containers in.",
        };

    private FileLocation In((object? Container, string Path) inside)
    {
        var target = Target(inside.Container);
        return target.Namespace.Files.In(target.Id, inside.Path);
    }

    private ContainerTarget Target(object? container) => TargetArgument.Read(container, this);
}
