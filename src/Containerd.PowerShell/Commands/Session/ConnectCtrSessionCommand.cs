using System.Collections;
using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Opens a session to a containerd daemon, on this machine or over SSH on another; it becomes the runspace's default.</summary>
[Cmdlet(VerbsCommunications.Connect, "CtrSession", DefaultParameterSetName = ByAddress)]
[Alias("Connect-Ctr")]
[OutputType(typeof(CtrSession))]
public sealed class ConnectCtrSessionCommand : CtrCmdlet, IThrottled
{
    private const string ByAddress = "Address";
    private const string ByHost = "HostName";

    // Connections that are not sessions yet: they are closed if the command is cancelled.
    private readonly List<ContainerdClient> _made = [];
    private readonly HashSet<CtrSession> _opened = [];
    private bool _isTold;
    private bool _over;

    /// <summary>
    /// Specifies the daemon's address: unix:///path, the absolute path of a socket, npipe:////./pipe/name, ssh://user@host:port/path, or
    /// http(s)://host. With -HostName, it is the daemon's socket on that host. The default is containerd's usual socket.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ByAddress)]
    [Parameter(ParameterSetName = ByHost)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AddressCompleter))]
    public string? Address { get; set; }

    /// <summary>
    /// Specifies hosts to reach over SSH: a name, an address, or an alias in ~/.ssh/config, optionally as user@host or user@host:port. Each
    /// host gets its own session; a host that cannot be reached does not affect the others.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByHost)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SshHostCompleter))]
    public string[] HostName { get; set; } = [];

    /// <summary>Specifies the user on these hosts. By default, ssh chooses it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByHost)]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Specifies the port of their SSH servers. By default, ssh chooses it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByHost)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>
    /// Specifies the file of the private key for SSH. By default, ssh uses the keys that it finds: those of the agent, of ~/.ssh and of its
    /// configuration.
    /// </summary>
    [Parameter]
    [Alias("IdentityFilePath")]
    [ValidateNotNullOrEmpty]
    public string? KeyFilePath { get; set; }

    /// <summary>
    /// Specifies options for ssh, by their names in ssh_config(5), such as @{ StrictHostKeyChecking = 'accept-new'; ProxyJump = 'gate' }.
    /// They take precedence over those in the user's files.
    /// </summary>
    [Parameter]
    [Alias("SshOption")]
    [ValidateNotNull]
    public IDictionary? Options { get; set; }

    /// <summary>Specifies the containerd namespace that cmdlets use by default in this session.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ConnectNamespaceCompleter))]
    public string? Namespace { get; set; }

    /// <summary>Specifies a name for the session.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>
    /// Specifies how long to wait until the host accepts the connection and the daemon answers: 10 (seconds), 500ms. The default is 10
    /// seconds.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "10s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(10);

    /// <summary>
    /// Specifies how long to wait for the daemon's answer to each later call: 60 (seconds), 2m. Calls that may take minutes, such as those
    /// that run hooks or copy file systems, may take 20 times as long; a stream ends when the daemon stops responding. A call that changes
    /// something is not cancelled: the error names it, and it may still be carried out. The default is 30 seconds; -1 means no limit.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "30s")]
    [SingleValue("1.5s")]
    public CtrDuration OperationTimeout { get; set; } = new(30);

    /// <summary>
    /// Specifies a folder for the helper program, which containerd starts for tasks with -LogFormat Timestamped or -LogMaxSize. Use it if
    /// the file system of the default folder does not permit programs to be executed (noexec). The default is a folder in the data of the
    /// daemon. It applies only to a daemon on this machine.
    /// </summary>
    [Parameter(ParameterSetName = ByAddress)]
    [ValidateNotNullOrEmpty]
    public string? HelperFolder { get; set; }

    /// <summary>
    /// Specifies the maximum number of hosts to connect to at the same time. Above 1, sessions are returned in the order in which they are
    /// opened.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByAddress)
        {
            Try(Address, () => Connect(Address, Address));
            return;
        }

        foreach (var host in HostName)
            Try(host, () => Connect(host, ContainerdAddress.Ssh(host, UserName, Port, Address).ToString()));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        lock (_made)
            _over = true;
        _made.ForEach(client => client.Dispose());
    }

    /// <inheritdoc/>
    private protected override bool IsFatal(CtrException error, object? target) =>
        // Other hosts may succeed.
        HostName.Length < 2
        && !MyInvocation.ExpectingInput
        && base.IsFatal(error, target);

    private void Connect(object? target, string? address)
    {
        if (Name is not null && HostName.Length > 1)
            throw ConflictingParameters.Error(
                $"The name '{Name}' is for one session, but {HostName.Length} hosts are specified.",
                "Omit -Name, or connect to one host at a time.",
                Name
            );

        var options = new ConnectOptions
        {
            Address = address,
            Ssh = Ssh(),
            Namespace = Namespace,
            Name = Name,
            Timeout = Timeout.TimeSpan,
            OperationTimeout = AnswerTime(),
            HelperFolder = HelperFolder is null ? null : ResolvePath(HelperFolder),
        };
        var scope = RunspaceScope.Current;
        Do(
            target,
            cancellationToken => ConnectAsync(options, cancellationToken),
            client =>
            {
                var former = SessionRegistry.LastOf(scope);
                SessionRegistry.Add(scope, client);
                TellDefault(former, client);
                lock (_made)
                    _made.Remove(client);
                WriteVerbose($"Connected to {client.Address}, containerd {client.Session.Version}, as {client.Session}.");
                WriteObject(client.Session);
            }
        );
    }

    /// <summary>
    /// Warns that commands without -Session now use another session. There is no warning for a session with its own name, which is meant to
    /// be used by name, and for a session to the same namespace of the same daemon, which changes nothing.
    /// </summary>
    private void TellDefault(ContainerdClient? former, ContainerdClient client)
    {
        lock (_opened)
        {
            var isOwn = former is null || _opened.Contains(former.Session);
            _opened.Add(client.Session);
            if (
                Name is not null
                || isOwn
                || _isTold
                || (former!.Address.ToString() == client.Address.ToString() && former.Session.Namespace == client.Session.Namespace)
            )
                return;
            _isTold = true;
        }

        WriteWarning(
            $"Commands without -Session now use the session '{client.Session}', and no longer '{former.Session}'. Use -Session "
                + $"{former.Session} for the other one, or name each session with -Name."
        );
    }

    private TimeSpan AnswerTime() =>
        OperationTimeout.TimeSpan != TimeSpan.Zero
            ? OperationTimeout.TimeSpan
            : throw new CtrArgumentException("-OperationTimeout must be greater than 0.")
            {
                ErrorId = ErrorIds.InvalidDuration,
                Subject = "-OperationTimeout",
                Remedy = "Use a time greater than 0, or -1 for no limit.",
            };

    private async Task<ContainerdClient> ConnectAsync(ConnectOptions options, CancellationToken cancellationToken)
    {
        var client = await ContainerdClient.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
        lock (_made)
        {
            if (!_over)
                _made.Add(client);
        }

        if (_over)
            client.Dispose();
        return client;
    }

    private SshOptions Ssh() =>
        new()
        {
            KeyFilePath = KeyFilePath is null ? null : KeyFile(KeyFilePath),
            Options = [.. Options?.Cast<DictionaryEntry>().SelectMany(Values) ?? []],
        };

    private string KeyFile(string given)
    {
        var path = ResolvePath(given);
        return File.Exists(path)
            ? path
            : throw new CtrNotFoundException($"The key file '{path}' does not exist.")
            {
                ErrorId = ErrorIds.PathNotFound,
                Subject = path,
                Remedy = "Specify the file of the private key, such as ~/.ssh/id_ed25519.",
            };
    }

    /// <summary>The values of an option: several if ssh accepts it several times, and yes or no for a Boolean.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Values(DictionaryEntry option)
    {
        var name = TableText.Of(option.Key)!;
        var value = option.Value is PSObject wrapped ? wrapped.BaseObject : option.Value;
        foreach (var one in value is IEnumerable several and not string ? several : new[] { value })
            yield return new(
                name,
                (one is PSObject item ? item.BaseObject : one) is bool truth
                    ? truth
                        ? "yes"
                        : "no"
                    : TableText.Of(one, name) ?? ""
            );
    }
}
