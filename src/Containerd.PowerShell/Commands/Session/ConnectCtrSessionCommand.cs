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

    // Connections that are no sessions yet: whoever gives up in between leaves none behind.
    private readonly List<ContainerdClient> _made = [];
    private readonly HashSet<CtrSession> _opened = [];
    private bool _isTold;
    private bool _over;

    /// <summary>
    /// The daemon's address: unix:///path, a socket's absolute path, npipe:////./pipe/name, ssh://user@host:port/path, http(s)://host. With
    /// -HostName, the daemon's socket on
    /// that host; without it containerd's usual one.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ByAddress)]
    [Parameter(ParameterSetName = ByHost)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AddressCompleter))]
    public string? Address { get; set; }

    /// <summary>
    /// Hosts to reach over SSH: a name, an address, or an alias of ~/.ssh/config, also as user@host or user@host:port. Each gets a session
    /// of its own; one that cannot be
    /// reached spoils no other.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByHost)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SshHostCompleter))]
    public string[] HostName { get; set; } = [];

    /// <summary>The user on these hosts; without it ssh's own choice.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByHost)]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>The port of their SSH servers; without it ssh's own choice.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByHost)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>
    /// The private key's file for SSH; without it the keys that ssh finds by itself: those of the agent, of ~/.ssh and its config.
    /// </summary>
    [Parameter]
    [Alias("IdentityFilePath")]
    [ValidateNotNullOrEmpty]
    public string? KeyFilePath { get; set; }

    /// <summary>
    /// Options for ssh, by their names in ssh_config(5): @{ StrictHostKeyChecking = 'accept-new'; ProxyJump = 'gate' }. They go before
    /// those of the user's own files.
    /// </summary>
    [Parameter]
    [Alias("SshOption")]
    [ValidateNotNull]
    public IDictionary? Options { get; set; }

    /// <summary>The containerd namespace for cmdlets that name none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ConnectNamespaceCompleter))]
    public string? Namespace { get; set; }

    /// <summary>A name for the session.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>How long the daemon may take to answer, and its host to let us in: 10 (seconds), 500ms; 10 seconds without it.</summary>
    [Parameter]
    [PSDefaultValue(Help = "10s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(10);

    /// <summary>
    /// Specifies how long the daemon may take to answer each later call: 60 (seconds), 2m. Calls that may take minutes, such as those that
    /// run hooks or copy file systems, have 20
    /// times as long; streams end when the daemon is silent. A call that changes something is not cancelled: the error names it, and it may
    /// still be carried out. The default is 30 seconds; -1 means no limit.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "30s")]
    [SingleValue("1.5s")]
    public CtrDuration OperationTimeout { get; set; } = new(30);

    /// <summary>
    /// Specifies a folder for the helper program, which containerd starts for tasks with -LogFormat Timestamped or -LogMaxSize. Use it if the
    /// file system of the default folder does not permit programs to be executed (noexec). The default is a folder in the data of the
    /// daemon. It applies only to a daemon on this machine.
    /// </summary>
    [Parameter(ParameterSetName = ByAddress)]
    [ValidateNotNullOrEmpty]
    public string? HelperFolder { get; set; }

    /// <summary>How many hosts are connected to at a time; above 1 the sessions come as they are opened.</summary>
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
        // Other hosts may fare better.
        HostName.Length < 2
        && !MyInvocation.ExpectingInput
        && base.IsFatal(error, target);

    private void Connect(object? target, string? address)
    {
        if (Name is not null && HostName.Length > 1)
            throw ConflictingParameters.Error(
                $"The name '{Name}' is for one session, and {HostName.Length} hosts are named.",
                "Leave -Name out, or connect to one host at a time.",
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
    /// Warns that commands without -Session now act elsewhere. A session with a name of its own is meant to be used by its name, and one to
    /// the same namespace of the same daemon changes nothing.
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
            : throw new CtrArgumentException("No daemon answers in no time.")
            {
                ErrorId = ErrorIds.InvalidDuration,
                Subject = "-OperationTimeout",
                Remedy = "Give -OperationTimeout a time above 0, or -1 for no limit.",
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
            : throw new CtrNotFoundException($"There is no key at '{path}'.")
            {
                ErrorId = ErrorIds.PathNotFound,
                Subject = path,
                Remedy = "Name the private key's file, such as ~/.ssh/id_ed25519.",
            };
    }

    /// <summary>An option's values: several where ssh takes it several times, and yes or no for a truth.</summary>
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
