namespace Containerd.PowerShell;

/// <summary>What to do about errors whose exception has no remedy, because the library does not know what its caller typed.</summary>
internal static class DefaultRecommendations
{
    private static readonly Dictionary<string, string> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.AuthenticationChallengeInvalid] =
            "Ask the registry's operator: its answer to a request without credentials is not valid.",
        [ErrorIds.CheckpointNotFinished] = "Run Checkpoint-CtrTask again.",
        [ErrorIds.CheckpointNotUnpacked] = "Check the archive's path and the free space, and that the archive was not changed.",
        [ErrorIds.CheckpointNotWritable] = "Choose a directory that you can write to, with enough space.",
        [ErrorIds.CommandNotExecutable] =
            "Check the permissions of the file in the container, and that it is a program for this platform and not a directory.",
        [ErrorIds.Conflict] = "Show the object with its Get- cmdlet, and try again when its state has changed.",
        [ErrorIds.ConnectionFailed] = "Check that containerd is running, and connect again with Connect-CtrSession.",
        [ErrorIds.ContainerWithoutImage] =
            "The container was created with -Rootfs or a full spec. Get-CtrImage NAME returns an image by name.",
        [ErrorIds.ContentNotFound] =
            "List the blobs with Get-CtrContent; -Namespace selects another namespace. Pull or import the image again if a blob of "
            + "it is missing.",
        [ErrorIds.ContentTooLarge] = "Write the blob to a file with Export-CtrContent -Path.",
        [ErrorIds.DaemonCleanupFailed] = "Remove the files that the message lists by hand, as root.",
        [ErrorIds.DaemonNotSupported] = "Use a Linux host, or connect to a daemon on one with Connect-CtrSession -HostName.",
        [ErrorIds.DataTruncated] = "Send the data again, and check the size of the source.",
        [ErrorIds.DigestMismatch] =
            "Fetch the data again. If the digest still differs, the source is damaged or was changed: do not use it.",
        [ErrorIds.ExecConflict] = "Show the process with Get-CtrProcess, and try again when its state has changed.",
        [ErrorIds.ExecNotFound] =
            "List the processes of the container with Get-CtrProcess, or start another exec with Invoke-CtrExec. An exec ends with "
            + "its task.",
        [ErrorIds.ExecNotRunning] = "Start the exec with Start-CtrExec, or add another one with Invoke-CtrExec.",
        [ErrorIds.ExitCodeUnknown] = "Check what the process did, and run it again if necessary.",
        [ErrorIds.FileFailed] = "Check the path, its permissions and the free space.",
        [ErrorIds.FileNotFound] = "Check the path; a relative path starts at the current location.",
        [ErrorIds.FileNotReadable] = "Check the path and its permissions; a relative path starts at the current location.",
        [ErrorIds.FileNotWritable] = "Check the permissions of the folder and the file, and the free space.",
        [ErrorIds.HostsDirectoryNotFound] =
            "Specify an existing folder with -HostsDirectory, or omit the parameter to use /etc/containerd/certs.d.",
        [ErrorIds.InputOutputFailed] = "Check the file or the connection that the message names, and try again.",
        [ErrorIds.InvalidArgument] = "Correct the value that the message names; Get-Help shows what the parameter accepts.",
        [ErrorIds.InvalidDaemonPath] = "Choose an absolute path in a folder that only root can write to.",
        [ErrorIds.InvalidData] = "Check where the data comes from, and get it again.",
        [ErrorIds.InvalidDevice] = "Use a path such as /dev/fuse, or /dev/sda:/dev/disk:r.",
        [ErrorIds.InvalidDuration] = "Use a number of seconds, or a text such as 10s, 1m30s or 7d; -1 means no limit.",
        [ErrorIds.InvalidHostEntry] = "Use name:address, such as db:10.0.0.5 or host.docker.internal:host-gateway.",
        [ErrorIds.InvalidPortMapping] = "Use [address:][host:]container[/protocol], such as 8080:80 or 127.0.0.1:8080:80/tcp.",
        [ErrorIds.InvalidRestartPolicy] = "Use no, always, on-failure, on-failure:5 or unless-stopped.",
        [ErrorIds.InvalidIdMap] = "Use container:host:count, such as 0:100000:65536, and map the id 0 of the container.",
        [ErrorIds.InvalidInput] = "Pipe objects of this module, or names as strings.",
        [ErrorIds.InvalidKeyValue] = "Use key=value, or a hashtable such as @{ app = 'web' }.",
        [ErrorIds.InvalidLimit] = "Choose a limit in the range that the message names.",
        [ErrorIds.InvalidTime] = "Use a date and time, or a text such as 10m for ten minutes ago.",
        [ErrorIds.InvalidMount] =
            "Use /host:/container:ro, or 'type=tmpfs,dst=/tmp,size=64m' in quotes: without them PowerShell splits a value at its commas.",
        [ErrorIds.InvalidPath] = "Use a path without null characters, such as web:/etc/hosts.",
        [ErrorIds.InvalidRuntimeOption] =
            "Use the names that the message lists, such as @{ BinaryName = '/usr/bin/crun'; SystemdCgroup = $true }. "
            + "Get-CtrRuntime lists the runtimes.",
        [ErrorIds.InvalidSignal] = "Use a name such as TERM, or a number. Tab completes the names.",
        [ErrorIds.InvalidSize] = "Use a number of bytes, or a text such as 512m or 1.5GB; -1 means no limit.",
        [ErrorIds.InvalidUlimit] = "Use a name with one or two numbers, such as nofile=1024:2048 or core=unlimited.",
        [ErrorIds.IngestNotFound] = "List the unfinished writes with Get-CtrIngest. A write that is complete is a blob: Get-CtrContent.",
        [ErrorIds.LeaseNotFound] =
            "List the leases with Get-CtrLease, and create one with New-CtrLease. A lease also ends when it expires.",
        [ErrorIds.LoggerFailed] = "Read the reason in the message. -LogFormat Plain does not need the helper program.",
        [ErrorIds.ManifestInvalid] = "The image is damaged in the registry: push it again.",
        [ErrorIds.MetricsInvalid] = "Update the module or the runtime: it sent metrics that cannot be read.",
        [ErrorIds.MetricsUnknown] = "Update the module: this runtime's metrics have a form that it does not know.",
        [ErrorIds.MountFailed] = "Read the kernel's reason in the message; mounting requires root on the daemon's host.",
        [ErrorIds.NoContainer] = "Specify the container first, as in Invoke-CtrExec web -- ls, or pipe containers in.",
        [ErrorIds.NoRootfs] = "Specify an image with -Image, or pipe one in: Get-CtrImage busybox | New-CtrContainer web.",
        [ErrorIds.NoStdin] = "Start the process with -WithStdin, on the host of its daemon.",
        [ErrorIds.NotADirectory] = "Specify an existing directory of the daemon's host.",
        [ErrorIds.NotAFilePath] = "Use a path of the file system, such as /tmp/x or C:\\x.",
        [ErrorIds.NotFound] = "Check the name, the namespace (-Namespace) and the session (-Session).",
        [ErrorIds.NotSupported] = "Get-CtrVersion shows the version of containerd; the message names the missing feature.",
        [ErrorIds.OutOfMemory] = "Free memory on this machine, or process less data at a time.",
        [ErrorIds.PathNotFound] = "Check the path; a relative path starts at the current location.",
        [ErrorIds.PermissionDenied] = "Run PowerShell as a user who is allowed to do this, usually root on the daemon's host.",
        [ErrorIds.PlatformAmbiguous] = "Use either -AllPlatforms or -Platform.",
        [ErrorIds.PluginNotFound] = "List the plugins with Get-CtrPlugin.",
        [ErrorIds.ProcessDetailsInvalid] = "Update the module or the runtime: it describes the processes in a form that cannot be read.",
        [ErrorIds.ReadOnlyFileSystem] = "Copy to a path that is mounted for writing, or create the container without -ReadOnly.",
        [ErrorIds.RegistryAnswerInvalid] = "Try again; if the answer is the same, ask the registry's operator.",
        [ErrorIds.RegistryRefused] = "Read the registry's reason in the message; its log says more.",
        [ErrorIds.RuntimeFailed] = "Read the runtime's reason in the message; Get-CtrRuntime lists the runtimes.",
        [ErrorIds.RuntimeNotFound] = "List the runtimes with Get-CtrRuntime.",
        [ErrorIds.SameItem] = "Choose another destination.",
        [ErrorIds.SizeMismatch] = "Check the file, or correct -ExpectedSize.",
        [ErrorIds.SnapshotNotFound] = "List the snapshots with Get-CtrSnapshot; -Snapshotter and -Namespace select others.",
        [ErrorIds.SocketNotCopied] = "Do not copy the socket: its program creates it again.",
        [ErrorIds.StdinClosed] = "Start another process with -WithStdin.",
        [ErrorIds.StdioNotSupported] = "Use a Linux host for standard streams, or start the task with -NoLog.",
        [ErrorIds.SystemCallFailed] = "Read the system's reason in the message.",
        [ErrorIds.TaskNotPaused] = "Pause it with Suspend-CtrTask; Get-CtrTask shows the state.",
        [ErrorIds.TerminalClosed] = "Run the command in a terminal that stays open, or without -Tty.",
        [ErrorIds.TimedOut] = "Try again with a longer -Timeout.",
        [ErrorIds.TokenInvalid] = "Ask the registry's operator: its token server sent no token.",
        [ErrorIds.UnquotedValue] = "Put the value in quotes, as in @{ TTL = '7d' }.",
        [ErrorIds.TransferFailed] = "Read the daemon's reason in the message; -Method Client does the transfer in this module.",
        [ErrorIds.TreeTooDeep] = "Copy a part of the tree.",
    };

    /// <summary>Advice for all errors of a kind, by the end of their id.</summary>
    private static readonly (string End, string Advice)[] ByEnd =
    [
        ("Conflict", "Show the object with its Get- cmdlet, and try again when its state has changed."),
        ("Exists", "Choose another name, or remove the existing object first."),
        ("NotFound", "Check the name, the namespace (-Namespace) and the session (-Session)."),
        ("Failed", "Read the daemon's reason in the message; its log says more."),
    ];

    /// <summary>The recommendation for an error id; null for an error that is the result of the user's own program.</summary>
    internal static string? For(string errorId) =>
        errorId is ErrorIds.ProcessExitedNonZero or ErrorIds.StandardError ? null
        : ById.TryGetValue(errorId, out var advice) ? advice
        : ByEnd.FirstOrDefault(e => errorId.EndsWith(e.End, StringComparison.Ordinal)).Advice;
}
