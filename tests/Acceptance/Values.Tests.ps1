# Durations, times and sizes as a user types them, for each parameter of such a type: 7d without quotes is seven days if the engine keeps the text, and an error if it does
# not. No daemon is required: the engine's trace shows the bound values.
BeforeDiscovery {
    Import-Module "$PSScriptRoot/../../out/Containerd/Containerd.psd1"
    $parameters = foreach ($command in Get-Command -Module Containerd -CommandType Cmdlet) {
        foreach ($parameter in $command.Parameters.Values) {
            if ($parameter.ParameterType.FullName -in 'Containerd.CtrDuration', 'Containerd.CtrMoment', 'Containerd.CtrSize') {
                @{ command = $command.Name; name = $parameter.Name; type = $parameter.ParameterType.FullName }
            }
        }
    }
}

BeforeAll {
    $ErrorActionPreference = 'Stop'
    Import-Module "$PSScriptRoot/../../out/Containerd/Containerd.psd1"
    $address = $env:CONTAINERD_ADDRESS
    $env:CONTAINERD_ADDRESS = '/nonexistent/containerd.sock'
    $trace = "$([IO.Path]::GetTempPath())/containerd-binding-$([guid]::NewGuid().ToString('N'))"

    # The other arguments that the binding of the parameters requires.
    $others = @{
        'Clear-CtrImage' = '-Confirm:$false'; 'Connect-CtrSession' = '-Address /nonexistent/containerd.sock'; 'Import-CtrContent' = '-Value x'; 'Invoke-CtrContainer' = 'busybox'
        'Receive-CtrImage' = 'busybox'; 'Send-CtrImage' = 'busybox'; 'Invoke-CtrExec' = 'web -Command true'; 'New-CtrContainer' = 'web -Image busybox'; 'New-CtrLease' = ''
        'Watch-CtrEvent' = ''; 'Get-CtrStats' = ''; 'Restore-CtrContainer' = '-Path /nonexistent -Id web'; 'Start-CtrDaemon' = '-ContainerdPath /nonexistent/containerd'
        'Use-CtrLease' = '-ScriptBlock { }'
    }

    # Returns the value that the engine bound to the parameter, in seconds or bytes.
    function Get-Bound([string] $Script, [string] $Name, [type] $Type) {
        Trace-Command -Name ParameterBinding -FilePath $trace -Force -Expression { try { Invoke-Expression $Script *> $null } catch { $null = $_ } }
        $bound = Select-String -LiteralPath $trace -Pattern "BIND arg \[(.*)\] to param \[$Name\] SUCCESSFUL" | Select-Object -Last 1
        Remove-Item -LiteralPath $trace
        if (-not $bound) { throw "Nothing was bound: $Script" }
        $value = $Type::Parse($bound.Matches[0].Groups[1].Value)
        if ($value.Bytes) { $value.Bytes } elseif ($value.Time) { [math]::Round(([datetime]::Now - $value.Time).TotalSeconds / 5) * 5 } else { $value.TotalSeconds }
    }

    function Get-Refusal([string] $Script) {
        try { Invoke-Expression $Script *> $null } catch [Management.Automation.ParameterBindingException] { return $_.Exception.Message }
        throw "It was not refused: $Script"
    }
}

AfterAll { $env:CONTAINERD_ADDRESS = $address }

Describe 'A typed value' {
    It 'reaches <command> -<name> in each way' -ForEach $parameters {
        $other = if ($others.ContainsKey($command)) { $others[$command] } else { 'web' }
        $call = "$command $other -ErrorAction SilentlyContinue"
        $typed, $wanted = if ($type -match 'Size') { '64kb', 65536 } else { '7d', 604800 }
        foreach ($way in @(
                "$call -$name $typed"
                "$call -${name}:$typed"
                "$call -$name '$typed'"
                "function Pass { $call @args }; Pass -$name $typed"
                "function Pass([Parameter()] `$$name) { $call @PSBoundParameters }; Pass -$name $typed"
                "function Pass(`$Value) { $call -$name `$Value }; Pass $typed"
                "`$of = @{ $name = '$typed' }; $call @of"
                "`$PSDefaultParameterValues = @{ '${command}:$name' = '$typed' }; $call"
                "`$value = [$type]'$typed'; $call -$name `$value"
                "`$value = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize([$type]'$typed')); $call -$name `$value"
            )) {
            Get-Bound $way $name $type | Should -Be $wanted -Because $way
        }
        if ($type -notmatch 'Size') {
            Get-Bound "$call -$name 10s" $name $type | Should -Be 10
            Get-Bound "$call -$name 10" $name $type | Should -Be 10
            Get-Bound "$call -$name 0xa" $name $type | Should -Be 10
            Get-Bound "$call -$name ([timespan]'0:1:30')" $name $type | Should -Be 90
        }
        # If the engine has lost the text, the intended value is not known.
        foreach ($way in "$call -$name (7d)", "`$value = 7d; $call -$name `$value", "`$of = @{ $name = 7d }; $call @of") {
            Get-Refusal $way | Should -BeLike '*quotes*' -Because $way
        }
        foreach ($wrong in $(if ($type -match 'Size') { '7d', '7l', '7u', '5n', '5y', '7s' } else { '7l', '7u', '5n', '5y', '10kb' })) {
            Get-Refusal "$call -$name $wrong" | Should -BeLike "*$wrong*"
        }
    }

    It 'was tried for every parameter that there is' -ForEach @{ count = @($parameters).Count } {
        $count | Should -BeGreaterThan 29
    }
}
