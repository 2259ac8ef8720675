namespace Containerd;

/// <summary>
/// The error ids: the values of <see cref="CtrException.ErrorId"/>, and the first parts of PowerShell's FullyQualifiedErrorId. They are
/// stable, and each constant has its own name as its value. <c>docs/troubleshooting.md</c> has a row with the same text for each.
/// </summary>
public static class ErrorIds
{
    /// <summary>The text matches the ids or names of several containers.</summary>
    public const string AmbiguousId = "AmbiguousId";

    /// <summary>The registry requires a token but does not name its token server.</summary>
    public const string AuthenticationChallengeInvalid = "AuthenticationChallengeInvalid";

    /// <summary>The registry rejected the user name and the password.</summary>
    public const string AuthenticationFailed = "AuthenticationFailed";

    /// <summary>The registry wants the credentials sent to a token server without TLS.</summary>
    public const string AuthenticationInsecure = "AuthenticationInsecure";

    /// <summary>The registry requires credentials, and none were specified or stored.</summary>
    public const string AuthenticationRequired = "AuthenticationRequired";

    /// <summary>The image that the container was created from no longer exists, so the container cannot be committed.</summary>
    public const string BaseImageNotFound = "BaseImageNotFound";

    /// <summary>A certificate file cannot be read, or is not in PEM format.</summary>
    public const string CertificateInvalid = "CertificateInvalid";

    /// <summary>Another process changed the file while it was being written.</summary>
    public const string ChangedMeanwhile = "ChangedMeanwhile";

    /// <summary>The restore of an untrusted checkpoint was not confirmed.</summary>
    public const string CheckpointDeclined = "CheckpointDeclined";

    /// <summary>The directory is empty and does not contain a checkpoint.</summary>
    public const string CheckpointEmpty = "CheckpointEmpty";

    /// <summary>CRIU could not save the task; the message contains its reason.</summary>
    public const string CheckpointFailed = "CheckpointFailed";

    /// <summary>The checkpoint does not fit the container, the daemon or the host.</summary>
    public const string CheckpointMismatch = "CheckpointMismatch";

    /// <summary>The task was stopped, but its checkpoint could not be completed.</summary>
    public const string CheckpointNotFinished = "CheckpointNotFinished";

    /// <summary>No checkpoint exists at this path.</summary>
    public const string CheckpointNotFound = "CheckpointNotFound";

    /// <summary>The archive of the checkpoint could not be written; the checkpoint is complete as a directory.</summary>
    public const string CheckpointNotPacked = "CheckpointNotPacked";

    /// <summary>CRIU, the kernel or the runtime does not support checkpoints.</summary>
    public const string CheckpointNotSupported = "CheckpointNotSupported";

    /// <summary>The archive of the checkpoint cannot be unpacked.</summary>
    public const string CheckpointNotUnpacked = "CheckpointNotUnpacked";

    /// <summary>The checkpoint cannot be written to this path.</summary>
    public const string CheckpointNotWritable = "CheckpointNotWritable";

    /// <summary>The path is not an empty directory and not a new archive, so no checkpoint can be written to it.</summary>
    public const string CheckpointPathExists = "CheckpointPathExists";

    /// <summary>
    /// The command exists in the container but cannot be executed: it is a directory, has no execute permission, or is built for another
    /// platform.
    /// </summary>
    public const string CommandNotExecutable = "CommandNotExecutable";

    /// <summary>The command does not exist in the container.</summary>
    public const string CommandNotFound = "CommandNotFound";

    /// <summary>The daemon does not support this compression of layers.</summary>
    public const string CompressionNotSupported = "CompressionNotSupported";

    /// <summary>The operation requires a confirmation, and no prompt is possible.</summary>
    public const string ConfirmationRequired = "ConfirmationRequired";

    /// <summary>The state of the object does not allow the operation.</summary>
    public const string Conflict = "Conflict";

    /// <summary>Two parameters or options contradict each other.</summary>
    public const string ConflictingParameters = "ConflictingParameters";

    /// <summary>The connection to the daemon failed.</summary>
    public const string ConnectionFailed = "ConnectionFailed";

    /// <summary>The state of the container does not allow the operation.</summary>
    public const string ContainerConflict = "ContainerConflict";

    /// <summary>Another process changed the container for too long.</summary>
    public const string ContainerBusy = "ContainerBusy";

    /// <summary>A container with this id already exists in the namespace.</summary>
    public const string ContainerExists = "ContainerExists";

    /// <summary>containerd could not complete the operation on the container; the message contains its reason.</summary>
    public const string ContainerFailed = "ContainerFailed";

    /// <summary>The container does not exist in this namespace.</summary>
    public const string ContainerNotFound = "ContainerNotFound";

    /// <summary>The container was created without an image.</summary>
    public const string ContainerWithoutImage = "ContainerWithoutImage";

    /// <summary>The root file system of the container is a directory, so it has no layer that can be committed.</summary>
    public const string ContainerWithoutSnapshot = "ContainerWithoutSnapshot";

    /// <summary>The containerd program does not exist on this machine.</summary>
    public const string ContainerdNotFound = "ContainerdNotFound";

    /// <summary>The state of the blob does not allow the operation.</summary>
    public const string ContentConflict = "ContentConflict";

    /// <summary>The registry, or a proxy in front of it, encodes its response in a way that cannot be decoded.</summary>
    public const string ContentEncodingNotSupported = "ContentEncodingNotSupported";

    /// <summary>The blob already exists in the content store.</summary>
    public const string ContentExists = "ContentExists";

    /// <summary>containerd could not complete the operation on the blob; the message contains its reason.</summary>
    public const string ContentFailed = "ContentFailed";

    /// <summary>Other objects use the blob, so it is not removed.</summary>
    public const string ContentInUse = "ContentInUse";

    /// <summary>Another connection is writing the blob.</summary>
    public const string ContentLocked = "ContentLocked";

    /// <summary>The blob does not exist in this namespace.</summary>
    public const string ContentNotFound = "ContentNotFound";

    /// <summary>The registry does not have a blob that belongs to the image.</summary>
    public const string ContentNotFoundInRegistry = "ContentNotFoundInRegistry";

    /// <summary>The blob is not text, or too large to return as text.</summary>
    public const string ContentNotText = "ContentNotText";

    /// <summary>The blob is larger than the specified maximum.</summary>
    public const string ContentTooLarge = "ContentTooLarge";

    /// <summary>The credential helper that Docker's configuration names failed.</summary>
    public const string CredentialHelperFailed = "CredentialHelperFailed";

    /// <summary>The annotation org.criu.config names a file that is not accepted as a configuration of CRIU.</summary>
    public const string CriuConfigNotAllowed = "CriuConfigNotAllowed";

    /// <summary>The files or mounts of a private daemon could not be removed.</summary>
    public const string DaemonCleanupFailed = "DaemonCleanupFailed";

    /// <summary>The state of an object of the daemon does not allow the operation.</summary>
    public const string DaemonConflict = "DaemonConflict";

    /// <summary>A private daemon with this name already exists, or an object of the daemon does.</summary>
    public const string DaemonExists = "DaemonExists";

    /// <summary>The daemon could not complete the operation; the message contains its reason.</summary>
    public const string DaemonFailed = "DaemonFailed";

    /// <summary>The private daemon still runs tasks, so it is not stopped.</summary>
    public const string DaemonHasTasks = "DaemonHasTasks";

    /// <summary>Only root can start a private daemon.</summary>
    public const string DaemonNeedsRoot = "DaemonNeedsRoot";

    /// <summary>No private daemon has this name, or the daemon does not have the requested object.</summary>
    public const string DaemonNotFound = "DaemonNotFound";

    /// <summary>The socket exists, but no process listens on it.</summary>
    public const string DaemonNotListening = "DaemonNotListening";

    /// <summary>The operation requires pipes, files or mounts of the daemon's host, and the session is remote.</summary>
    public const string DaemonNotLocal = "DaemonNotLocal";

    /// <summary>Private daemons run only on Linux.</summary>
    public const string DaemonNotSupported = "DaemonNotSupported";

    /// <summary>Another private daemon uses the folder.</summary>
    public const string DaemonPathInUse = "DaemonPathInUse";

    /// <summary>containerd exited while it started; the message contains the reason from its log.</summary>
    public const string DaemonStartFailed = "DaemonStartFailed";

    /// <summary>The private daemon started but did not answer in time.</summary>
    public const string DaemonStartTimedOut = "DaemonStartTimedOut";

    /// <summary>The private daemon did not exit in time.</summary>
    public const string DaemonStopTimedOut = "DaemonStopTimedOut";

    /// <summary>The daemon answered neither this call nor any other call in time.</summary>
    public const string DaemonTimedOut = "DaemonTimedOut";

    /// <summary>The daemon cannot be reached, or stopped during the call.</summary>
    public const string DaemonUnavailable = "DaemonUnavailable";

    /// <summary>The data ended before the expected number of bytes.</summary>
    public const string DataTruncated = "DataTruncated";

    /// <summary>The destination of the copy is inside the directory that is copied.</summary>
    public const string DestinationInSource = "DestinationInSource";

    /// <summary>The destination is a directory, and the source is not.</summary>
    public const string DestinationIsDirectory = "DestinationIsDirectory";

    /// <summary>The destination is a device, named pipe or socket, which a copy would replace.</summary>
    public const string DestinationIsSpecial = "DestinationIsSpecial";

    /// <summary>The destination must be a directory and is not.</summary>
    public const string DestinationNotDirectory = "DestinationNotDirectory";

    /// <summary>A detached or unstarted exec cannot read input from the pipeline.</summary>
    public const string DetachWithInput = "DetachWithInput";

    /// <summary>The device does not exist on the host.</summary>
    public const string DeviceNotFound = "DeviceNotFound";

    /// <summary>The image uses a digest algorithm that the content store does not support; it supports only SHA-256.</summary>
    public const string DigestAlgorithmNotSupported = "DigestAlgorithmNotSupported";

    /// <summary>The digest in the image name is not that of the image.</summary>
    public const string DigestConflict = "DigestConflict";

    /// <summary>The data does not have the expected digest: it is damaged or was changed.</summary>
    public const string DigestMismatch = "DigestMismatch";

    /// <summary>A file system is already mounted on the directory.</summary>
    public const string DirectoryMounted = "DirectoryMounted";

    /// <summary>The directory is not empty, and a mount would hide its content.</summary>
    public const string DirectoryNotEmpty = "DirectoryNotEmpty";

    /// <summary>The directory does not exist.</summary>
    public const string DirectoryNotFound = "DirectoryNotFound";

    /// <summary>The file system has no free space.</summary>
    public const string DiskFull = "DiskFull";

    /// <summary>Docker's configuration file cannot be parsed, or a value in it is not valid.</summary>
    public const string DockerConfigInvalid = "DockerConfigInvalid";

    /// <summary>Two mounts of a container have the same target.</summary>
    public const string DuplicateMountTarget = "DuplicateMountTarget";

    /// <summary>The state of the event service does not allow the operation.</summary>
    public const string EventConflict = "EventConflict";

    /// <summary>The event service reports that the object already exists.</summary>
    public const string EventExists = "EventExists";

    /// <summary>containerd could not complete the operation of the event service; the message contains its reason.</summary>
    public const string EventFailed = "EventFailed";

    /// <summary>The event service does not have the requested object.</summary>
    public const string EventNotFound = "EventNotFound";

    /// <summary>The state of the exec does not allow the operation.</summary>
    public const string ExecConflict = "ExecConflict";

    /// <summary>An exec with this id already exists in the container.</summary>
    public const string ExecExists = "ExecExists";

    /// <summary>containerd or the runtime could not complete the operation on the exec; the message contains its reason.</summary>
    public const string ExecFailed = "ExecFailed";

    /// <summary>The exec does not exist in the container.</summary>
    public const string ExecNotFound = "ExecNotFound";

    /// <summary>The exec has exited, or was not started.</summary>
    public const string ExecNotRunning = "ExecNotRunning";

    /// <summary>The exec was created but never started: its start failed, or it was removed.</summary>
    public const string ExecNotStarted = "ExecNotStarted";

    /// <summary>The exec is still running.</summary>
    public const string ExecRunning = "ExecRunning";

    /// <summary>The exec has already been started; an exec runs once.</summary>
    public const string ExecStarted = "ExecStarted";

    /// <summary>The process exited, and its exit code was not recorded.</summary>
    public const string ExitCodeUnknown = "ExitCodeUnknown";

    /// <summary>The file already exists, or two items would be written to the same file.</summary>
    public const string FileExists = "FileExists";

    /// <summary>A file operation failed.</summary>
    public const string FileFailed = "FileFailed";

    /// <summary>The file does not exist.</summary>
    public const string FileNotFound = "FileNotFound";

    /// <summary>The file cannot be read.</summary>
    public const string FileNotReadable = "FileNotReadable";

    /// <summary>The file cannot be written.</summary>
    public const string FileNotWritable = "FileNotWritable";

    /// <summary>The operating system denied access to the file.</summary>
    public const string FilePermissionDenied = "FilePermissionDenied";

    /// <summary>The destination is a read-only file.</summary>
    public const string FileReadOnly = "FileReadOnly";

    /// <summary>An archive in Docker's format holds one platform, and the image has several.</summary>
    public const string FormatHoldsOnePlatform = "FormatHoldsOnePlatform";

    /// <summary>The group does not exist in the container's /etc/group.</summary>
    public const string GroupNotFound = "GroupNotFound";

    /// <summary>The container has no health check.</summary>
    public const string HealthNotConfigured = "HealthNotConfigured";

    /// <summary>This build does not include the helper program for the platform.</summary>
    public const string HelperMissing = "HelperMissing";

    /// <summary>The helper program was copied to its folder, and this machine cannot execute it there.</summary>
    public const string HelperNotExecutable = "HelperNotExecutable";

    /// <summary>A hosts.toml file cannot be parsed, or a value in it is not valid.</summary>
    public const string HostsConfigInvalid = "HostsConfigInvalid";

    /// <summary>The folder with the configuration of registry hosts does not exist.</summary>
    public const string HostsDirectoryNotFound = "HostsDirectoryNotFound";

    /// <summary>The option cannot be combined with mapped user and group ids.</summary>
    public const string IdMapConflict = "IdMapConflict";

    /// <summary>The operation does not support containers with mapped user and group ids.</summary>
    public const string IdMapNotSupported = "IdMapNotSupported";

    /// <summary>The user or group id is not in any range of the id mapping.</summary>
    public const string IdNotMapped = "IdNotMapped";

    /// <summary>The archive is not a valid image archive.</summary>
    public const string ImageArchiveInvalid = "ImageArchiveInvalid";

    /// <summary>The archive is incomplete: it ends too early.</summary>
    public const string ImageArchiveTruncated = "ImageArchiveTruncated";

    /// <summary>The state of the image does not allow the operation.</summary>
    public const string ImageConflict = "ImageConflict";

    /// <summary>An image with this name already exists in the namespace.</summary>
    public const string ImageExists = "ImageExists";

    /// <summary>containerd could not complete the operation on the image; the message contains its reason.</summary>
    public const string ImageFailed = "ImageFailed";

    /// <summary>Containers were created from the image, so it is not removed.</summary>
    public const string ImageInUse = "ImageInUse";

    /// <summary>A part of the image's content does not exist locally.</summary>
    public const string ImageIncomplete = "ImageIncomplete";

    /// <summary>The archive contains an image without a name.</summary>
    public const string ImageNameMissing = "ImageNameMissing";

    /// <summary>The image does not exist in this namespace.</summary>
    public const string ImageNotFound = "ImageNotFound";

    /// <summary>The registry does not have the image.</summary>
    public const string ImageNotFoundInRegistry = "ImageNotFoundInRegistry";

    /// <summary>The name refers to an artifact that is not a container image.</summary>
    public const string ImageNotRunnable = "ImageNotRunnable";

    /// <summary>The state of the unfinished write does not allow the operation.</summary>
    public const string IngestConflict = "IngestConflict";

    /// <summary>An unfinished write with this reference already exists.</summary>
    public const string IngestExists = "IngestExists";

    /// <summary>containerd could not complete the operation on the unfinished write; the message contains its reason.</summary>
    public const string IngestFailed = "IngestFailed";

    /// <summary>An unfinished write with this reference contains other data.</summary>
    public const string IngestMismatch = "IngestMismatch";

    /// <summary>No unfinished write has this reference.</summary>
    public const string IngestNotFound = "IngestNotFound";

    /// <summary>An operation on a file or stream failed, and no other id applies.</summary>
    public const string InputOutputFailed = "InputOutputFailed";

    /// <summary>The host has no such network interface.</summary>
    public const string InterfaceNotFound = "InterfaceNotFound";

    /// <summary>The interval is too short to measure processor time.</summary>
    public const string IntervalTooShort = "IntervalTooShort";

    /// <summary>The address of the daemon cannot be parsed.</summary>
    public const string InvalidAddress = "InvalidAddress";

    /// <summary>An argument is not valid; the message names it.</summary>
    public const string InvalidArgument = "InvalidArgument";

    /// <summary>The capability does not exist.</summary>
    public const string InvalidCapability = "InvalidCapability";

    /// <summary>The value is not a valid parent cgroup.</summary>
    public const string InvalidCgroupParent = "InvalidCgroupParent";

    /// <summary>The file or directory is not a usable checkpoint.</summary>
    public const string InvalidCheckpoint = "InvalidCheckpoint";

    /// <summary>The value is not a valid name for a private daemon.</summary>
    public const string InvalidDaemonName = "InvalidDaemonName";

    /// <summary>The folder of the private daemon cannot be created or used.</summary>
    public const string InvalidDaemonPath = "InvalidDaemonPath";

    /// <summary>The data cannot be parsed.</summary>
    public const string InvalidData = "InvalidData";

    /// <summary>A value in $PSDefaultParameterValues cannot be converted to the type of its parameter.</summary>
    public const string InvalidDefaultValue = "InvalidDefaultValue";

    /// <summary>The detach keys cannot be parsed.</summary>
    public const string InvalidDetachKeys = "InvalidDetachKeys";

    /// <summary>The device cannot be parsed.</summary>
    public const string InvalidDevice = "InvalidDevice";

    /// <summary>The value is not a digest.</summary>
    public const string InvalidDigest = "InvalidDigest";

    /// <summary>The duration cannot be parsed, or is outside of the allowed range.</summary>
    public const string InvalidDuration = "InvalidDuration";

    /// <summary>The environment variable has no name, or a name that is not valid.</summary>
    public const string InvalidEnvironment = "InvalidEnvironment";

    /// <summary>The value of a container extension cannot be written as JSON.</summary>
    public const string InvalidExtension = "InvalidExtension";

    /// <summary>containerd cannot parse the filter.</summary>
    public const string InvalidFilter = "InvalidFilter";

    /// <summary>The text is not an entry of a hosts file.</summary>
    public const string InvalidHostEntry = "InvalidHostEntry";

    /// <summary>The value is not a valid id.</summary>
    public const string InvalidId = "InvalidId";

    /// <summary>The restart policy has another form than no, always, on-failure, on-failure:5 or unless-stopped.</summary>
    public const string InvalidRestartPolicy = "InvalidRestartPolicy";

    /// <summary>The daemon's restart monitor cannot keep the restart policy of the container.</summary>
    public const string RestartNotSupported = "RestartNotSupported";

    /// <summary>The id mapping cannot be parsed, overlaps another one, or does not map id 0.</summary>
    public const string InvalidIdMap = "InvalidIdMap";

    /// <summary>The value is not a valid image name.</summary>
    public const string InvalidImageName = "InvalidImageName";

    /// <summary>An object from the pipeline has a type that the command does not accept.</summary>
    public const string InvalidInput = "InvalidInput";

    /// <summary>The value does not have the form key=value, or its key is empty.</summary>
    public const string InvalidKeyValue = "InvalidKeyValue";

    /// <summary>The resource limit is not valid, exceeds the host's resources, or is too small to start with.</summary>
    public const string InvalidLimit = "InvalidLimit";

    /// <summary>The size or the number of the log files is outside of the allowed range.</summary>
    public const string InvalidLogSize = "InvalidLogSize";

    /// <summary>The mount cannot be parsed, or its source is not an absolute path.</summary>
    public const string InvalidMount = "InvalidMount";

    /// <summary>The value is not a valid container name.</summary>
    public const string InvalidName = "InvalidName";

    /// <summary>The text cannot be the name of a network.</summary>
    public const string InvalidNetworkName = "InvalidNetworkName";

    /// <summary>An option for a network, or for a container in it, is not valid.</summary>
    public const string InvalidNetworkOption = "InvalidNetworkOption";

    /// <summary>The value is not a valid path.</summary>
    public const string InvalidPath = "InvalidPath";

    /// <summary>The wildcard pattern or the regular expression is not valid.</summary>
    public const string InvalidPattern = "InvalidPattern";

    /// <summary>The platform cannot be parsed.</summary>
    public const string InvalidPlatform = "InvalidPlatform";

    /// <summary>The port is not a number from 1 to 65535.</summary>
    public const string InvalidPort = "InvalidPort";

    /// <summary>The text is not a mapping of ports, or the ports cannot be forwarded.</summary>
    public const string InvalidPortMapping = "InvalidPortMapping";

    /// <summary>The value is not the name of a registry.</summary>
    public const string InvalidRegistry = "InvalidRegistry";

    /// <summary>The credentials lack a user name or a password, or the user name contains a colon.</summary>
    public const string InvalidRegistryLogin = "InvalidRegistryLogin";

    /// <summary>The options of the runtime cannot be used.</summary>
    public const string InvalidRuntimeOption = "InvalidRuntimeOption";

    /// <summary>The seccomp profile cannot be used.</summary>
    public const string InvalidSeccompProfile = "InvalidSeccompProfile";

    /// <summary>The signal does not exist.</summary>
    public const string InvalidSignal = "InvalidSignal";

    /// <summary>The size cannot be parsed, or is outside of the allowed range.</summary>
    public const string InvalidSize = "InvalidSize";

    /// <summary>The OCI runtime spec cannot be parsed, or is incomplete.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>ssh rejects an option.</summary>
    public const string InvalidSshOption = "InvalidSshOption";

    /// <summary>The text is not a subnet, or a gateway or range is not in it.</summary>
    public const string InvalidSubnet = "InvalidSubnet";

    /// <summary>The kernel parameter cannot be set for one container.</summary>
    public const string InvalidSysctl = "InvalidSysctl";

    /// <summary>The text contains a null character.</summary>
    public const string InvalidText = "InvalidText";

    /// <summary>The point in time cannot be parsed.</summary>
    public const string InvalidTime = "InvalidTime";

    /// <summary>The process limit cannot be parsed.</summary>
    public const string InvalidUlimit = "InvalidUlimit";

    /// <summary>The user cannot be parsed.</summary>
    public const string InvalidUser = "InvalidUser";

    /// <summary>The text cannot be the name of a volume.</summary>
    public const string InvalidVolumeName = "InvalidVolumeName";

    /// <summary>The work path is inside the checkpoint.</summary>
    public const string InvalidWorkPath = "InvalidWorkPath";

    /// <summary>The working directory is not an absolute path.</summary>
    public const string InvalidWorkingDirectory = "InvalidWorkingDirectory";

    /// <summary>Two items of the same operation have the same destination.</summary>
    public const string JustCopied = "JustCopied";

    /// <summary>The kernel does not support openat2, which the copy requires (Linux 5.6).</summary>
    public const string KernelTooOld = "KernelTooOld";

    /// <summary>The name and the value of the label are longer than containerd accepts.</summary>
    public const string LabelTooLong = "LabelTooLong";

    /// <summary>The folder has files but is not a valid OCI image layout.</summary>
    public const string LayoutInvalid = "LayoutInvalid";

    /// <summary>The state of the lease does not allow the operation.</summary>
    public const string LeaseConflict = "LeaseConflict";

    /// <summary>A lease with this id already exists in the namespace.</summary>
    public const string LeaseExists = "LeaseExists";

    /// <summary>containerd could not complete the operation on the lease; the message contains its reason.</summary>
    public const string LeaseFailed = "LeaseFailed";

    /// <summary>Another operation uses the lease.</summary>
    public const string LeaseInUse = "LeaseInUse";

    /// <summary>The lease reserves the name of a container.</summary>
    public const string LeaseIsName = "LeaseIsName";

    /// <summary>The lease does not exist: it expired or was removed.</summary>
    public const string LeaseNotFound = "LeaseNotFound";

    /// <summary>The lease does not hold the blob or snapshot.</summary>
    public const string LeaseResourceNotFound = "LeaseResourceNotFound";

    /// <summary>The registry sent more or less data than the manifest specifies.</summary>
    public const string LengthMismatch = "LengthMismatch";

    /// <summary>The task already uses more than the new limit.</summary>
    public const string LimitInUse = "LimitInUse";

    /// <summary>The path contains a symbolic link that is not followed: a loop, or a link that leads out of the container.</summary>
    public const string LinkNotFollowed = "LinkNotFollowed";

    /// <summary>A timestamped log cannot be combined with standard input unless the container has a terminal.</summary>
    public const string LogFormatWithStdin = "LogFormatWithStdin";

    /// <summary>The log file is not empty, and containerd would overwrite it.</summary>
    public const string LogNotEmpty = "LogNotEmpty";

    /// <summary>No output of the process was stored.</summary>
    public const string LogNotFound = "LogNotFound";

    /// <summary>The log files cannot be read.</summary>
    public const string LogNotReadable = "LogNotReadable";

    /// <summary>The log was stored without timestamps.</summary>
    public const string LogNotTimestamped = "LogNotTimestamped";

    /// <summary>The log files cannot be created.</summary>
    public const string LogNotWritable = "LogNotWritable";

    /// <summary>The native logging program did not start.</summary>
    public const string LoggerFailed = "LoggerFailed";

    /// <summary>The manifest of the image is not valid.</summary>
    public const string ManifestInvalid = "ManifestInvalid";

    /// <summary>The image has Docker's schema 1 format, which containerd cannot run.</summary>
    public const string ManifestSchema1 = "ManifestSchema1";

    /// <summary>The manifest is larger than the maximum size of a manifest.</summary>
    public const string ManifestTooLarge = "ManifestTooLarge";

    /// <summary>The request or the answer exceeds the limit of 16 MiB for a message to containerd.</summary>
    public const string MessageTooLarge = "MessageTooLarge";

    /// <summary>The shim sent metrics that cannot be parsed.</summary>
    public const string MetricsInvalid = "MetricsInvalid";

    /// <summary>The shim does not report metrics.</summary>
    public const string MetricsUnavailable = "MetricsUnavailable";

    /// <summary>The shim sent metrics of an unknown type.</summary>
    public const string MetricsUnknown = "MetricsUnknown";

    /// <summary>A process uses the mount, so it cannot be removed.</summary>
    public const string MountBusy = "MountBusy";

    /// <summary>The kernel refused the mount; the message contains its reason.</summary>
    public const string MountFailed = "MountFailed";

    /// <summary>No snapshot or image is mounted on the path.</summary>
    public const string MountNotFound = "MountNotFound";

    /// <summary>The process does not have the privileges to mount.</summary>
    public const string MountNotPermitted = "MountNotPermitted";

    /// <summary>Snapshots of this snapshotter, or this image, cannot be mounted in this way.</summary>
    public const string MountNotSupported = "MountNotSupported";

    /// <summary>The source of the bind mount does not exist on the daemon's host, or the path does not exist in the image.</summary>
    public const string MountSourceNotFound = "MountSourceNotFound";

    /// <summary>The name is already the name or the id of a container.</summary>
    public const string NameExists = "NameExists";

    /// <summary>The name server for the containers of a network could not be started.</summary>
    public const string NameServerFailed = "NameServerFailed";

    /// <summary>The program aardvark-dns, which a network requires, is not installed.</summary>
    public const string NameServerMissing = "NameServerMissing";

    /// <summary>A container gets no answer from the name server of its network.</summary>
    public const string NameServerUnreachable = "NameServerUnreachable";

    /// <summary>The state of the namespace does not allow the operation.</summary>
    public const string NamespaceConflict = "NamespaceConflict";

    /// <summary>A namespace with this name already exists.</summary>
    public const string NamespaceExists = "NamespaceExists";

    /// <summary>containerd could not complete the operation on the namespace; the message contains its reason.</summary>
    public const string NamespaceFailed = "NamespaceFailed";

    /// <summary>The namespace still contains objects, so it is not removed.</summary>
    public const string NamespaceNotEmpty = "NamespaceNotEmpty";

    /// <summary>The namespace does not exist.</summary>
    public const string NamespaceNotFound = "NamespaceNotFound";

    /// <summary>Another container has the address already.</summary>
    public const string NetworkAddressInUse = "NetworkAddressInUse";

    /// <summary>The address is not in a subnet of the network.</summary>
    public const string NetworkAddressOutside = "NetworkAddressOutside";

    /// <summary>A running container of another namespace or daemon has the same attachment id.</summary>
    public const string NetworkAttachmentInUse = "NetworkAttachmentInUse";

    /// <summary>Other containers of the daemon were attached or detached for too long.</summary>
    public const string NetworkBusy = "NetworkBusy";

    /// <summary>The helper program could not change the networks of a container.</summary>
    public const string NetworkChangeFailed = "NetworkChangeFailed";

    /// <summary>The configuration file of a network cannot be read or is not valid.</summary>
    public const string NetworkConfigInvalid = "NetworkConfigInvalid";

    /// <summary>The container is connected to the network already.</summary>
    public const string NetworkConnected = "NetworkConnected";

    /// <summary>A network with this name exists already.</summary>
    public const string NetworkExists = "NetworkExists";

    /// <summary>Containers use the network, so it is not removed.</summary>
    public const string NetworkInUse = "NetworkInUse";

    /// <summary>A container of another namespace has the same name in a network whose names are resolved by DNS.</summary>
    public const string NetworkNameInUse = "NetworkNameInUse";

    /// <summary>The container is not connected to the network.</summary>
    public const string NetworkNotConnected = "NetworkNotConnected";

    /// <summary>The network does not exist.</summary>
    public const string NetworkNotFound = "NetworkNotFound";

    /// <summary>The host, a CNI plugin or the runtime cannot do this for a network.</summary>
    public const string NetworkNotSupported = "NetworkNotSupported";

    /// <summary>The files of the networks cannot be changed.</summary>
    public const string NetworkNotWritable = "NetworkNotWritable";

    /// <summary>A CNI plugin reported an error.</summary>
    public const string NetworkPluginFailed = "NetworkPluginFailed";

    /// <summary>A CNI plugin that the network requires is not installed.</summary>
    public const string NetworkPluginMissing = "NetworkPluginMissing";

    /// <summary>A CNI plugin did not end in time and was stopped.</summary>
    public const string NetworkPluginTimedOut = "NetworkPluginTimedOut";

    /// <summary>Ports are published, but no network of the container has a plugin for that.</summary>
    public const string NetworkPortsNotSupported = "NetworkPortsNotSupported";

    /// <summary>The container publishes ports, and none of its other networks can publish them.</summary>
    public const string NetworkPublishesPorts = "NetworkPublishesPorts";

    /// <summary>The missing rules of containers could not be added.</summary>
    public const string NetworkRepairFailed = "NetworkRepairFailed";

    /// <summary>The request for the container's networks in its spec is not valid.</summary>
    public const string NetworkRequestInvalid = "NetworkRequestInvalid";

    /// <summary>The helper program is too old for the request in the container's spec.</summary>
    public const string NetworkRequestTooNew = "NetworkRequestTooNew";

    /// <summary>The state of the networks on the daemon's host cannot be read or written.</summary>
    public const string NetworkStateFailed = "NetworkStateFailed";

    /// <summary>The helper program could not remove what stopped containers left behind.</summary>
    public const string NetworkSweepFailed = "NetworkSweepFailed";

    /// <summary>The container's process ended while its networks were attached.</summary>
    public const string NetworkTaskGone = "NetworkTaskGone";

    /// <summary>Neither the caller nor the image specifies a command.</summary>
    public const string NoCommand = "NoCommand";

    /// <summary>No container was specified.</summary>
    public const string NoContainer = "NoContainer";

    /// <summary>No exec was specified.</summary>
    public const string NoExec = "NoExec";

    /// <summary>No resource limit was specified.</summary>
    public const string NoLimit = "NoLimit";

    /// <summary>Neither an image nor a root directory was specified for the container.</summary>
    public const string NoRootfs = "NoRootfs";

    /// <summary>The root file system of the container is not a snapshot.</summary>
    public const string NoSnapshot = "NoSnapshot";

    /// <summary>The process has no standard input, or it is not on this machine.</summary>
    public const string NoStdin = "NoStdin";

    /// <summary>The operation requires a terminal, and the process or the console has none.</summary>
    public const string NoTerminal = "NoTerminal";

    /// <summary>The path is not a directory.</summary>
    public const string NotADirectory = "NotADirectory";

    /// <summary>The path is not a regular file.</summary>
    public const string NotAFile = "NotAFile";

    /// <summary>The path belongs to a PowerShell provider other than the file system.</summary>
    public const string NotAFilePath = "NotAFilePath";

    /// <summary>The path of the daemon's address is not a socket.</summary>
    public const string NotASocket = "NotASocket";

    /// <summary>The process that listens on the address is not containerd.</summary>
    public const string NotContainerd = "NotContainerd";

    /// <summary>The object does not exist.</summary>
    public const string NotFound = "NotFound";

    /// <summary>The daemon, the runtime or the platform does not support the operation.</summary>
    public const string NotSupported = "NotSupported";

    /// <summary>No change was specified.</summary>
    public const string NothingToChange = "NothingToChange";

    /// <summary>The operation failed, and no other id applies.</summary>
    public const string OperationFailed = "OperationFailed";

    /// <summary>The daemon did not answer this call in time, but it answers other calls.</summary>
    public const string OperationTimedOut = "OperationTimedOut";

    /// <summary>The process does not have enough memory for the operation.</summary>
    public const string OutOfMemory = "OutOfMemory";

    /// <summary>The output of the process is not stored in a file on this machine.</summary>
    public const string OutputNotKept = "OutputNotKept";

    /// <summary>The output is too large to be returned as one value.</summary>
    public const string OutputTooLarge = "OutputTooLarge";

    /// <summary>The parent directory of the destination does not exist.</summary>
    public const string ParentNotFound = "ParentNotFound";

    /// <summary>The path is in a mount that exists only while the task runs.</summary>
    public const string PathInMount = "PathInMount";

    /// <summary>The path does not exist.</summary>
    public const string PathNotFound = "PathNotFound";

    /// <summary>The restart monitor of containerd 1.6 and 1.7 kills paused tasks of the containers that it keeps running.</summary>
    public const string PauseNotSupported = "PauseNotSupported";

    /// <summary>The caller is not allowed to do this.</summary>
    public const string PermissionDenied = "PermissionDenied";

    /// <summary>One platform and all platforms were specified together.</summary>
    public const string PlatformAmbiguous = "PlatformAmbiguous";

    /// <summary>The image has no content for the platform.</summary>
    public const string PlatformNotAvailable = "PlatformNotAvailable";

    /// <summary>The image is for an operating system that the daemon cannot unpack.</summary>
    public const string PlatformNotSupported = "PlatformNotSupported";

    /// <summary>The state of the plugin does not allow the operation.</summary>
    public const string PluginConflict = "PluginConflict";

    /// <summary>The plugin already exists.</summary>
    public const string PluginExists = "PluginExists";

    /// <summary>containerd could not complete the operation on the plugin; the message contains its reason.</summary>
    public const string PluginFailed = "PluginFailed";

    /// <summary>The daemon does not have the plugin.</summary>
    public const string PluginNotFound = "PluginNotFound";

    /// <summary>Another process or container uses the port of the host.</summary>
    public const string PortInUse = "PortInUse";

    /// <summary>The shim sent details of a process that cannot be parsed.</summary>
    public const string ProcessDetailsInvalid = "ProcessDetailsInvalid";

    /// <summary>The process exited with a code other than 0.</summary>
    public const string ProcessExitedNonZero = "ProcessExitedNonZero";

    /// <summary>The process is neither the main process of a task nor an exec, so containerd cannot address it.</summary>
    public const string ProcessNotAddressable = "ProcessNotAddressable";

    /// <summary>The process did not exit within the specified time and was killed.</summary>
    public const string ProcessTimedOut = "ProcessTimedOut";

    /// <summary>A program of the operating system is missing.</summary>
    public const string ProgramNotFound = "ProgramNotFound";

    /// <summary>PowerShell must ask whether to continue, and the host cannot prompt.</summary>
    public const string PromptNotPossible = "PromptNotPossible";

    /// <summary>The file system of the destination is read-only.</summary>
    public const string ReadOnlyFileSystem = "ReadOnlyFileSystem";

    /// <summary>The container was not ready within the timeout.</summary>
    public const string ReadinessTimedOut = "ReadinessTimedOut";

    /// <summary>The user is not allowed to pull or push the repository.</summary>
    public const string RegistryAccessDenied = "RegistryAccessDenied";

    /// <summary>The registry's response lacks a part that the protocol requires.</summary>
    public const string RegistryAnswerInvalid = "RegistryAnswerInvalid";

    /// <summary>The certificate of the registry is not trusted.</summary>
    public const string RegistryCertificateInvalid = "RegistryCertificateInvalid";

    /// <summary>No credentials are stored for the registry.</summary>
    public const string RegistryLoginNotFound = "RegistryLoginNotFound";

    /// <summary>The configuration contains no host from which the image can be pulled.</summary>
    public const string RegistryNotConfigured = "RegistryNotConfigured";

    /// <summary>The registry rejected the request because of its rate limit.</summary>
    public const string RegistryRateLimited = "RegistryRateLimited";

    /// <summary>The configuration contains no host to which the image can be pushed.</summary>
    public const string RegistryReadOnly = "RegistryReadOnly";

    /// <summary>The registry redirects to an address that is not followed.</summary>
    public const string RegistryRedirectInvalid = "RegistryRedirectInvalid";

    /// <summary>The registry rejected the request; the message contains its reason.</summary>
    public const string RegistryRefused = "RegistryRefused";

    /// <summary>The registry did not answer in time.</summary>
    public const string RegistryTimedOut = "RegistryTimedOut";

    /// <summary>The registry reported an internal error.</summary>
    public const string RegistryUnavailable = "RegistryUnavailable";

    /// <summary>The registry cannot be reached.</summary>
    public const string RegistryUnreachable = "RegistryUnreachable";

    /// <summary>The registry does not have the repository and does not create it.</summary>
    public const string RepositoryNotFound = "RepositoryNotFound";

    /// <summary>The label is reserved for the module's own data.</summary>
    public const string ReservedLabel = "ReservedLabel";

    /// <summary>CRIU could not restore the task; the message contains its reason.</summary>
    public const string RestoreFailed = "RestoreFailed";

    /// <summary>The root directory of the container does not exist.</summary>
    public const string RootfsNotFound = "RootfsNotFound";

    /// <summary>The files of the container cannot be reached from this process.</summary>
    public const string RootfsNotReachable = "RootfsNotReachable";

    /// <summary>The root file system of the container cannot be read, for example to look up a user name.</summary>
    public const string RootfsNotReadable = "RootfsNotReadable";

    /// <summary>The owners of the image's files could not be changed for the id mapping.</summary>
    public const string RootfsNotRemapped = "RootfsNotRemapped";

    /// <summary>The root file system of the container is read-only.</summary>
    public const string RootfsReadOnly = "RootfsReadOnly";

    /// <summary>The daemon is rootless, and its sockets are in its own namespaces.</summary>
    public const string RootlessDaemon = "RootlessDaemon";

    /// <summary>The state of the runtime does not allow the operation.</summary>
    public const string RuntimeConflict = "RuntimeConflict";

    /// <summary>The runtime already exists.</summary>
    public const string RuntimeExists = "RuntimeExists";

    /// <summary>The runtime or the shim failed; the message contains its reason.</summary>
    public const string RuntimeFailed = "RuntimeFailed";

    /// <summary>The shim or the runtime does not exist on the daemon's host.</summary>
    public const string RuntimeNotFound = "RuntimeNotFound";

    /// <summary>The source and the destination are the same file, or two streams of a process are.</summary>
    public const string SameItem = "SameItem";

    /// <summary>The daemon does not have the service: its version is too old, or the plugin is disabled.</summary>
    public const string ServiceNotAvailable = "ServiceNotAvailable";

    /// <summary>Several runspaces have opened sessions, and this one has not.</summary>
    public const string SessionAmbiguous = "SessionAmbiguous";

    /// <summary>The session was closed.</summary>
    public const string SessionClosed = "SessionClosed";

    /// <summary>A session with this name is already open.</summary>
    public const string SessionExists = "SessionExists";

    /// <summary>The session belongs to another runspace, which still uses it.</summary>
    public const string SessionInherited = "SessionInherited";

    /// <summary>No open session has this name.</summary>
    public const string SessionNotFound = "SessionNotFound";

    /// <summary>The object comes from another process or from a file, so its session has no connection here.</summary>
    public const string SessionNotLive = "SessionNotLive";

    /// <summary>Several images would have the same name.</summary>
    public const string SeveralImages = "SeveralImages";

    /// <summary>The images are in several namespaces, and an archive holds those of one.</summary>
    public const string SeveralNamespaces = "SeveralNamespaces";

    /// <summary>The command works with one session, and several were specified.</summary>
    public const string SeveralSessions = "SeveralSessions";

    /// <summary>The container has no shell that its user can run.</summary>
    public const string ShellNotFound = "ShellNotFound";

    /// <summary>The shim of the container, or the runtime that it started, did not answer in time.</summary>
    public const string ShimTimedOut = "ShimTimedOut";

    /// <summary>The data does not have the specified size.</summary>
    public const string SizeMismatch = "SizeMismatch";

    /// <summary>The state of the snapshot does not allow the operation.</summary>
    public const string SnapshotConflict = "SnapshotConflict";

    /// <summary>A snapshot with this name already exists in the namespace.</summary>
    public const string SnapshotExists = "SnapshotExists";

    /// <summary>The snapshotter could not complete the operation; the message contains its reason.</summary>
    public const string SnapshotFailed = "SnapshotFailed";

    /// <summary>Other objects use the snapshot.</summary>
    public const string SnapshotInUse = "SnapshotInUse";

    /// <summary>The snapshot is mounted.</summary>
    public const string SnapshotMounted = "SnapshotMounted";

    /// <summary>Only an active snapshot can be committed.</summary>
    public const string SnapshotNotActive = "SnapshotNotActive";

    /// <summary>Only a committed snapshot can be a parent.</summary>
    public const string SnapshotNotCommitted = "SnapshotNotCommitted";

    /// <summary>The snapshot does not exist in this namespace.</summary>
    public const string SnapshotNotFound = "SnapshotNotFound";

    /// <summary>The daemon does not have the snapshotter.</summary>
    public const string SnapshotterNotFound = "SnapshotterNotFound";

    /// <summary>A socket cannot be copied.</summary>
    public const string SocketNotCopied = "SocketNotCopied";

    /// <summary>The socket or pipe of the daemon does not exist.</summary>
    public const string SocketNotFound = "SocketNotFound";

    /// <summary>The user is not allowed to use the daemon's socket.</summary>
    public const string SocketPermissionDenied = "SocketPermissionDenied";

    /// <summary>The source is a directory, and a recursive copy was not requested.</summary>
    public const string SourceIsDirectory = "SourceIsDirectory";

    /// <summary>The SSH server does not open the daemon's socket.</summary>
    public const string SshForwardFailed = "SshForwardFailed";

    /// <summary>The key of the SSH host differs from the stored one.</summary>
    public const string SshHostKeyChanged = "SshHostKeyChanged";

    /// <summary>The key of the SSH host was never accepted by this user.</summary>
    public const string SshHostKeyUnknown = "SshHostKeyUnknown";

    /// <summary>The host cannot be reached over SSH.</summary>
    public const string SshHostUnreachable = "SshHostUnreachable";

    /// <summary>The host did not accept the login over SSH.</summary>
    public const string SshLoginFailed = "SshLoginFailed";

    /// <summary>The ssh program does not exist on this machine.</summary>
    public const string SshNotFound = "SshNotFound";

    /// <summary>Sessions over SSH are not supported on this platform.</summary>
    public const string SshNotSupported = "SshNotSupported";

    /// <summary>The SSH connection no longer transmits data.</summary>
    public const string SshTimedOut = "SshTimedOut";

    /// <summary>The SSH tunnel to the daemon could not be created.</summary>
    public const string SshTunnelFailed = "SshTunnelFailed";

    /// <summary>A line that a process wrote to its standard error, as an error record.</summary>
    public const string StandardError = "StandardError";

    /// <summary>The standard input of the process was closed.</summary>
    public const string StdinClosed = "StdinClosed";

    /// <summary>The standard streams of processes can be connected only on Linux.</summary>
    public const string StdioNotSupported = "StdioNotSupported";

    /// <summary>The streams of the last start cannot be created again.</summary>
    public const string StreamsNotKnown = "StreamsNotKnown";

    /// <summary>The subnet overlaps with one that the host or another network uses.</summary>
    public const string SubnetInUse = "SubnetInUse";

    /// <summary>A system call failed, and no other id applies.</summary>
    public const string SystemCallFailed = "SystemCallFailed";

    /// <summary>The state of the task does not allow the operation.</summary>
    public const string TaskConflict = "TaskConflict";

    /// <summary>The task has already been created, so its streams cannot be changed.</summary>
    public const string TaskCreated = "TaskCreated";

    /// <summary>The process of the task exited before it was started.</summary>
    public const string TaskDiedBeforeStart = "TaskDiedBeforeStart";

    /// <summary>The container already has a task, or a shim that was left behind.</summary>
    public const string TaskExists = "TaskExists";

    /// <summary>The task exited before the container was ready.</summary>
    public const string TaskExited = "TaskExited";

    /// <summary>containerd or the runtime could not complete the operation on the task; the message contains its reason.</summary>
    public const string TaskFailed = "TaskFailed";

    /// <summary>The container has no task: it was never started, or the task was removed.</summary>
    public const string TaskNotFound = "TaskNotFound";

    /// <summary>The task is not paused.</summary>
    public const string TaskNotPaused = "TaskNotPaused";

    /// <summary>The task is not running.</summary>
    public const string TaskNotRunning = "TaskNotRunning";

    /// <summary>The task is paused.</summary>
    public const string TaskPaused = "TaskPaused";

    /// <summary>The task is still running.</summary>
    public const string TaskRunning = "TaskRunning";

    /// <summary>The terminal was closed during the operation.</summary>
    public const string TerminalClosed = "TerminalClosed";

    /// <summary>Another command of this process uses the terminal.</summary>
    public const string TerminalInUse = "TerminalInUse";

    /// <summary>The runtime cannot change the rate limits of block devices.</summary>
    public const string ThrottleNotSupported = "ThrottleNotSupported";

    /// <summary>The operation did not finish in time.</summary>
    public const string TimedOut = "TimedOut";

    /// <summary>The token server of the registry did not send a token.</summary>
    public const string TokenInvalid = "TokenInvalid";

    /// <summary>The daemon could not transfer the image; the message contains its reason.</summary>
    public const string TransferFailed = "TransferFailed";

    /// <summary>The daemon does not have a transfer service.</summary>
    public const string TransferNotSupported = "TransferNotSupported";

    /// <summary>The daemon's transfer service does not support the option.</summary>
    public const string TransferOptionNotSupported = "TransferOptionNotSupported";

    /// <summary>The directory tree is too deep to be copied.</summary>
    public const string TreeTooDeep = "TreeTooDeep";

    /// <summary>An exception occurred that the module does not expect; this is a bug in the module.</summary>
    public const string Unexpected = "Unexpected";

    /// <summary>An exception occurred that the library does not expect; this is a bug in the library.</summary>
    public const string UnexpectedError = "UnexpectedError";

    /// <summary>The command does not have the parameter.</summary>
    public const string UnknownParameter = "UnknownParameter";

    /// <summary>PowerShell converted an unquoted value of a hashtable to a number and lost its text.</summary>
    public const string UnquotedValue = "UnquotedValue";

    /// <summary>Another user owns the folder or can write to it, so its content is not used.</summary>
    public const string UntrustedFolder = "UntrustedFolder";

    /// <summary>The container's passwd or group file is too large.</summary>
    public const string UserFileTooLarge = "UserFileTooLarge";

    /// <summary>The user does not exist in the container's /etc/passwd.</summary>
    public const string UserNotFound = "UserNotFound";

    /// <summary>The file is not a tar that can be imported as a volume.</summary>
    public const string VolumeArchiveInvalid = "VolumeArchiveInvalid";

    /// <summary>A volume with this name already exists in the namespace.</summary>
    public const string VolumeExists = "VolumeExists";

    /// <summary>Containers use the volume, so it is not changed.</summary>
    public const string VolumeInUse = "VolumeInUse";

    /// <summary>The volume does not exist in this namespace.</summary>
    public const string VolumeNotFound = "VolumeNotFound";

    /// <summary>The folder of the volumes, or a volume in it, cannot be changed.</summary>
    public const string VolumeNotWritable = "VolumeNotWritable";

    /// <summary>The task did not exit within the specified time and is still running.</summary>
    public const string WaitTimedOut = "WaitTimedOut";

    /// <summary>The working directory does not exist in the container.</summary>
    public const string WorkingDirectoryNotFound = "WorkingDirectoryNotFound";
}
