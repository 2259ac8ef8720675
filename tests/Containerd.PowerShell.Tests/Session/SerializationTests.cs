using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>Objects from a job or a remote session: they have their values, but no connection.</summary>
public sealed class SerializationTests(OneDaemon fixture) : IClassFixture<OneDaemon>, IDisposable
{
    private const string Copies =
        "function Copy-It { process { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_, 1)) } }\n";

    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void A_session_becomes_a_handle_that_can_be_read()
    {
        var copy = Assert.Single(
            _engine.Require($"{Copies}$session = Connect-CtrSession {fixture.Daemon.Address} -Namespace here; $session | Copy-It")
        );
        Assert.Equal("Deserialized.Containerd.CtrSession", copy.TypeNames[0]);
        Assert.Equal(fixture.Daemon.Address, copy.Properties["Address"].Value);
        Assert.Equal("here", copy.Properties["Namespace"].Value);
        Assert.Equal("Opened", copy.Properties["State"].Value);
        Assert.Equal(copy.Properties["Name"].Value, copy.ToString());
        Assert.All(copy.Properties, property => Assert.True(property.Value is string or int, property.Name));
    }

    [Fact]
    public void A_containers_spec_arrives_complete()
    {
        var copy = Assert.Single(
            _engine.Require(
                Copies
                    + """
                    [Containerd.CtrContainer]@{
                        ContainerId = 'web'
                        CreatedAt = [datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Local)
                        Labels = [Collections.Generic.Dictionary[string,string]]::new()
                        LastExit = @{ ContainerId = 'web'; ExitCode = 7 }
                        Session = @{ Name = 'prod'; Address = 'unix:///a' }
                        Spec = @{
                            Process = @{ Args = 'sh', '-c'; Capabilities = @{ Bounding = 'CAP_KILL', 'CAP_CHOWN' }; Rlimits = @(@{ Type = 'RLIMIT_NOFILE'; Soft = 10 }) }
                            Mounts = @(@{ Destination = '/a'; Options = 'rbind', 'ro' })
                            Annotations = @{ a = 'b' }
                            Linux = @{ Resources = @{ Memory = @{ Limit = 64mb } }; Seccomp = @{ DefaultAction = 'SCMP_ACT_ERRNO'; Syscalls = @(@{ Names = 'read', 'write'; Args = @(@{ Index = 1; Op = 'SCMP_CMP_EQ' }) }) } }
                        }
                    } | Copy-It
                    """
            )
        );
        var values = new Dictionary<string, string>
        {
            ["$it.ContainerId"] = "web",
            ["$it.CreatedAt.ToString('s') + $it.CreatedAt.Kind"] = "2026-01-02T03:04:05Local",
            ["$it.CreatedAt.GetType().Name"] = "DateTime",
            ["$it.LastExit.ExitCode"] = "7",
            ["$it.Session.Address"] = "unix:///a",
            ["$it.Spec.Process.Args -join ' '"] = "sh -c",
            ["$it.Spec.Process.Capabilities.Bounding[1]"] = "CAP_CHOWN",
            ["$it.Spec.Process.Rlimits[0].Soft"] = "10",
            ["$it.Spec.Mounts[0].Options -join ','"] = "rbind,ro",
            ["$it.Spec.Annotations.a"] = "b",
            ["$it.Spec.Linux.Resources.Memory.Limit"] = "67108864",
            ["$it.Spec.Linux.Seccomp.Syscalls[0].Names[1]"] = "write",
            ["$it.Spec.Linux.Seccomp.Syscalls[0].Args[0].Op"] = "SCMP_CMP_EQ",
        };
        _engine.Runspace.SessionStateProxy.SetVariable("it", copy);
        Assert.All(values, value => Assert.Equal(value.Value, _engine.Require<string>($"\"$({value.Key})\"")));
    }

    [Theory]
    [InlineData(
        "[Containerd.CtrTask]@{ ContainerId = 'web'; Status = 'Running'; ExitedAt = '2026-01-02T03:04:05'; Session = @{ Name = 's' } }",
        "\"$($it.Status) $($it.ExitedAt.ToString('s')) $($it.Session.Name) $it\"",
        "Running 2026-01-02T03:04:05 s web"
    )]
    [InlineData(
        "[Containerd.CtrExit]@{ ContainerId = 'web'; ExecId = 'e'; ExitCode = 3; Session = @{ Name = 's' } }",
        "\"$($it.ExecId) $($it.ExitCode) $($it.Session.Name)\"",
        "e 3 s"
    )]
    [InlineData(
        "[Containerd.CtrProcess]@{ ContainerId = 'web'; ExecId = 'e'; Command = 'a', 'b' }",
        "\"$($it.Command -join '+') $it\"",
        "a+b web/e"
    )]
    [InlineData(
        "[Containerd.CtrImage]@{ Name = 'a:1'; Size = 5; Platforms = 'linux/amd64', 'linux/arm64' }",
        "\"$($it.Platforms[1]) $($it.Size) $it\"",
        "linux/arm64 5 a:1"
    )]
    [InlineData(
        "[Containerd.CtrExecResult]@{ ContainerId = 'web'; ExitCode = 1; Output = 'x', 'y'; Duration = '00:00:02' }",
        "\"$($it.Output[1]) $($it.Duration.TotalSeconds)\"",
        "y 2"
    )]
    [InlineData(
        "[Containerd.CtrInfo]@{ Version = '1'; Snapshotters = 'a', 'b'; Session = @{ Name = 's' } }",
        "\"$($it.Snapshotters[1]) $($it.Session.Name)\"",
        "b s"
    )]
    [InlineData(
        "[Containerd.CtrStats]@{ ContainerId = 'web'; MemoryUsed = 5kb; CpuTime = '00:00:02'; CgroupV1 = @{ Memory = @{ Usage = @{ Limit = 64mb } } } }",
        "\"$($it.MemoryUsed) $($it.CpuTime.TotalSeconds) $($it.CgroupV1.Memory.Usage.Limit) $it\"",
        "5120 2 67108864 web"
    )]
    [InlineData(
        "[Containerd.CtrProcessInfo]@{ ContainerId = 'web'; Command = 'a', 'b'; WorkingSet = 7; State = 'Zombie' }",
        "\"$($it.Command[1]) $($it.WorkingSet) $($it.State)\"",
        "b 7 Zombie"
    )]
    [InlineData(
        "[Containerd.CtrSnapshot]@{ Name = 'a'; Kind = 'View'; Mounts = @{ Type = 'bind'; Source = '/x'; Options = 'ro', 'rbind' }; Labels = @{ k = 'v' } }",
        "\"$($it.Kind) $($it.Mounts[0].Source) $($it.Mounts[0].Options[1]) $($it.Labels.k) $it\"",
        "View /x rbind v a"
    )]
    [InlineData(
        "[Containerd.CtrLease]@{ Id = 'a'; Resources = @{ Type = 'content'; Id = 'x' }; ExpiresAt = '2026-01-02T03:04:05' }",
        "\"$($it.Resources[0].Type) $($it.Resources[0].Id) $($it.ExpiresAt.ToString('s'))\"",
        "content x 2026-01-02T03:04:05"
    )]
    [InlineData(
        "[Containerd.CtrNamespace]@{ Name = 'a'; Counts = @{ Images = 3 } }",
        "\"$($it.Counts.Images) $($it.Counts)\"",
        "3 3 images"
    )]
    [InlineData(
        "[Containerd.CtrPlugin]@{ Id = 'a'; State = 'Skipped'; Exports = @{ root = '/x' } }",
        "\"$($it.State) $($it.Exports.root)\"",
        "Skipped /x"
    )]
    [InlineData(
        "[Containerd.CtrSpec]@{ Linux = @{ Resources = @{ Memory = @{ Limit = 5 } } } }",
        "\"$($it.Linux.Resources.Memory.Limit)\"",
        "5"
    )]
    public void Each_object_arrives_with_its_properties(string made, string read, string expected) =>
        Assert.Equal(expected, _engine.Require<string>($"{Copies}$it = {made} | Copy-It; {read}"));

    [Fact]
    public void A_session_from_a_job_is_rejected_with_the_command_for_a_new_one()
    {
        var done = _engine.Invoke($"{Copies}$copy = Connect-CtrSession {fixture.Daemon.Address} | Copy-It; Get-CtrVersion -Session $copy");
        Assert.Equal("SessionNotLive,Containerd.PowerShell.GetCtrVersionCommand", done.Error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ConnectionError, done.Error.CategoryInfo.Category);
        Assert.Contains(
            $"Connect-CtrSession -Address {fixture.Daemon.Address}",
            done.Error.ErrorDetails.RecommendedAction,
            StringComparison.Ordinal
        );

        // The session of that name in this process is another one.
        var piped = _engine.Invoke("$copy | Disconnect-CtrSession");
        Assert.Contains("This CtrSession came out of a job or a remote session", piped.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("Opened", _engine.Require<string>("(Get-CtrSession $copy.Name).State.ToString()"));
    }

    [Theory]
    [InlineData("Get-CtrTask")]
    [InlineData("Get-CtrContainer")]
    [InlineData("Stop-CtrTask")]
    [InlineData("Restart-CtrTask")]
    [InlineData("Remove-CtrContainer -Confirm:$false")]
    public void An_object_of_a_container_from_a_job_is_rejected_once_with_the_alternative(string command)
    {
        var done = _engine.Invoke(
            $"{Copies}$null = Connect-CtrSession {fixture.Daemon.Address}; $copy = [Containerd.CtrTask]@{{ ContainerId = 'web' }} | Copy-It; $copy | {command}"
        );
        Assert.Empty(done.Output);
        Assert.Contains("This CtrTask came out of a job or a remote session", done.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("ContainerId", done.Error.Exception.Message, StringComparison.Ordinal);
        var argument = _engine.Invoke($"{command.Split(' ')[0]} $copy");
        Assert.Contains("This CtrTask came out of a job or a remote session", argument.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_from_a_job_is_not_mistaken_for_a_local_one_with_the_same_name()
    {
        var done = _engine.Invoke(
            $"{Copies}$null = Connect-CtrSession {fixture.Daemon.Address}; [Containerd.CtrImage]@{{ Name = 'a:1' }} | Copy-It | Remove-CtrImage"
        );
        Assert.Contains("This CtrImage came out of a job or a remote session", done.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_from_a_job_compares_with_its_name() =>
        Assert.True(_engine.Require<bool>($"{Copies}([Containerd.CtrTask]@{{ Status = 'Paused' }} | Copy-It).Status -eq 'Paused'"));

    [Fact]
    public void Every_enum_of_the_model_is_serialized_by_its_name()
    {
        var enums = typeof(CtrSession).Assembly.GetExportedTypes().Where(type => type.IsEnum).ToList();
        Assert.All(enums, type =>
            Assert.IsType<string>(Assert.Single(_engine.Require($"{Copies}[{type.FullName}]1 | Copy-It")).BaseObject)
        );
    }

    [Fact]
    public void Every_output_type_and_every_part_of_one_survives_serialization()
    {
        var lost = _engine
            .Require(
                """
                function Get-Filled([type] $Type) {
                    $real = [Nullable]::GetUnderlyingType($Type)
                    if ($real) { $Type = $real }
                    if ($Type -eq [string] -or $Type -eq [object]) { return 'x' }
                    if ($Type.IsEnum) { return [enum]::GetValues($Type)[-1] }
                    if ($Type -eq [bool]) { return $true }
                    if ($Type -eq [datetime]) { return [datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Local) }
                    if ($Type -eq [timespan]) { return [timespan]::FromSeconds(90) }
                    if ($Type.IsPrimitive -or $Type -eq [decimal]) { return [Convert]::ChangeType(7, $Type) }
                    if ($Type.IsArray) {
                        $array = [array]::CreateInstance($Type.GetElementType(), 1)
                        $array.SetValue((Get-Filled $Type.GetElementType()), 0)
                        return , $array
                    }
                    if ($Type -eq [Containerd.CtrMap]) { $map = [Containerd.CtrMap]::new(); $map['k'] = 'v'; return , $map }
                    # A session is a handle, and crosses as one.
                    if ($Type.Namespace -ne 'Containerd' -or $Type -eq [Containerd.CtrSession]) { return $null }
                    $object = [Activator]::CreateInstance($Type)
                    if ($Type.IsValueType) { return $object }
                    foreach ($property in $Type.GetProperties()) {
                        $element = if ($property.PropertyType.IsArray) { $property.PropertyType.GetElementType() } else { $property.PropertyType }
                        if (-not $property.CanWrite -or $property.GetIndexParameters().Count -or $element -eq $Type) { continue }
                        $value = Get-Filled $property.PropertyType
                        if ($null -ne $value) { $property.SetValue($object, $value) }
                    }
                    return $object
                }

                function Get-Lost($Was, $Is, [string] $Path) {
                    if ($null -eq $Was) { return }
                    $type = $Was.GetType()
                    if ($type.IsArray) { if ($Was.Count) { Get-Lost $Was[0] @($Is)[0] "$Path[0]" } }
                    elseif ($Was -is [Containerd.CtrMap]) { if ($Is['k'] -ne 'v') { $Path } }
                    elseif ($type.Namespace -ne 'Containerd' -or $type.IsValueType) { if ("$Was" -ne "$Is" -and $Was -isnot [System.Collections.IDictionary]) { $Path } }
                    elseif ($Is -is [string]) { $Path }
                    elseif ($type -ne [Containerd.CtrSession]) {
                        foreach ($property in $type.GetProperties()) {
                            if (-not $property.GetIndexParameters().Count) { Get-Lost $property.GetValue($Was) $Is.PSObject.Properties[$property.Name].Value "$Path.$($property.Name)" }
                        }
                    }
                }

                $types = [System.Collections.Generic.HashSet[type]]::new()
                $open = [System.Collections.Generic.Queue[type]]::new()
                foreach ($type in (Get-Module Containerd).ExportedCmdlets.Values.OutputType.Type) { if ($type.Namespace -eq 'Containerd' -and $type.IsClass -and $types.Add($type)) { $open.Enqueue($type) } }
                while ($open.Count) {
                    foreach ($property in $open.Dequeue().GetProperties()) {
                        $part = if ($property.PropertyType.IsArray) { $property.PropertyType.GetElementType() } else { $property.PropertyType }
                        if ($part.Namespace -eq 'Containerd' -and $part.IsClass -and $part -notin [Containerd.CtrMap], [Containerd.CtrSession] -and $types.Add($part)) { $open.Enqueue($part) }
                    }
                }
                "$($types.Count -gt 60)"
                foreach ($type in $types) {
                    $object = Get-Filled $type
                    $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($object, 1))
                    Get-Lost $object $back $type.Name
                }
                """
            )
            .Select(path => path.ToString())
            .ToList();
        Assert.Equal(["True"], lost);
    }
}
