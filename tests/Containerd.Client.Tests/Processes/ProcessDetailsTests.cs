using System.Diagnostics;
using Containerd.Host.Processes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using WireRunc = Containerd.Client.Wire.Runc;
using WireRunhcs = Containerd.Client.Wire.Runhcs;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Tests.Processes;

/// <summary>What shims and /proc say of a process.</summary>
public sealed class ProcessDetailsTests
{
    [Fact]
    public void An_execs_process_has_its_id() => Assert.Equal("exec-1", Details(new WireRunc.ProcessDetails { ExecId = "exec-1" }).ExecId);

    [Fact]
    public void Windows_reports_more()
    {
        var process = Details(
            new WireRunhcs.ProcessDetails
            {
                ImageName = "cmd.exe",
                CreatedAt = Timestamp.FromDateTime(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)),
                KernelTime100Ns = 20_000_000,
                UserTime100Ns = 10_000_000,
                MemoryCommitBytes = 1000,
                MemoryWorkingSetPrivateBytes = 300,
                MemoryWorkingSetSharedBytes = 200,
                ProcessId = 12,
                ExecId = "e",
            }
        );
        Assert.Equal(
            ("cmd.exe", "e", 2.0, 1.0, 3.0),
            (
                process.Name,
                process.ExecId,
                process.KernelTime!.Value.TotalSeconds,
                process.UserTime!.Value.TotalSeconds,
                process.CpuTime!.Value.TotalSeconds
            )
        );
        Assert.Equal((1000L, 300L, 500L), (process.Commit!.Value, process.PrivateWorkingSet!.Value, process.WorkingSet!.Value));
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), process.StartTime!.Value.ToUniversalTime());
    }

    [Fact]
    public void Missing_details_and_those_of_another_runtime_do_not_change_the_process()
    {
        Assert.Null(Details(null).ExecId);
        Assert.Null(Details(new Duration { Seconds = 3 }).ExecId);
        Assert.Null(Details(new WireRunc.ProcessDetails()).ExecId);
    }

    [Fact]
    public void Broken_details_are_an_error()
    {
        var wire = new WireTypes.ProcessInfo
        {
            Pid = 5,
            Info = new Any { TypeUrl = "containerd.runc.v1.ProcessDetails", Value = ByteString.CopyFrom(0x0a, 0x50) },
        };
        Assert.Equal(
            ErrorIds.ProcessDetailsInvalid,
            Assert.Throws<CtrDataException>(() => ProcessService.AddDetails(wire, new CtrProcessInfo())).ErrorId
        );
    }

    [Fact]
    public void The_name_of_a_program_may_contain_anything()
    {
        var process = new CtrProcessInfo();
        HostProcesses.AddStat(
            "77 (a) Z (b c) S 5 1 1 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 3 0 100 4096 25 18446744073709551615\n",
            process
        );
        Assert.Equal(("a) Z (b c", 5, CtrProcessState.Sleeping, 3), (process.Name, process.ParentPid, process.State, process.Threads));
        Assert.Equal(
            (1.5, 0.5, 2.0),
            (process.UserTime!.Value.TotalSeconds, process.KernelTime!.Value.TotalSeconds, process.CpuTime!.Value.TotalSeconds)
        );
        Assert.Equal(25 * Environment.SystemPageSize, process.WorkingSet!.Value);
    }

    [Fact]
    public void Ids_are_those_that_the_container_has()
    {
        var process = new CtrProcessInfo();
        HostProcesses.AddStatus(
            ["Name:\tsleep", "NSpid:\t4711\t7", "Uid:\t100000\t100033\t100000\t100000"],
            ["         0     100000      65536"],
            process
        );
        Assert.Equal((7, 33L), (process.ContainerPid, process.UserId));
        HostProcesses.AddStatus(["Uid:\t0\t5\t0\t0"], ["         0          0 4294967295"], process);
        Assert.Equal(5L, process.UserId);
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("sleep\0" + "10\0", new[] { "sleep", "10" })]
    [InlineData("sh\0-c\0\0x\0", new[] { "sh", "-c", "", "x" })]
    [InlineData("nginx: master process\0\0\0", new[] { "nginx: master process" })]
    public void A_command_line_consists_of_its_arguments(string text, string[] words) => Assert.Equal(words, HostProcesses.Words(text));

    [Fact]
    public void A_process_of_this_machine_is_read_and_an_exited_one_is_omitted()
    {
        var here = new CtrProcessInfo { Pid = Environment.ProcessId };
        Assert.True(new HostProcesses(Environment.ProcessId).Complete(here));
        Assert.InRange((here.StartTime!.Value - Process.GetCurrentProcess().StartTime).TotalSeconds, -2, 2);
        Assert.NotEmpty(here.Command);
        Assert.False(string.IsNullOrEmpty(here.User));
        using var gone = Process.Start("true")!;
        gone.WaitForExit();
        Assert.False(new HostProcesses(Environment.ProcessId).Complete(new CtrProcessInfo { Pid = gone.Id }));
    }

    private static CtrProcessInfo Details(IMessage? message)
    {
        var wire = new WireTypes.ProcessInfo { Pid = 5 };
        if (message is not null)
            wire.Info = new Any { TypeUrl = message.Descriptor.FullName, Value = message.ToByteString() };
        var process = new CtrProcessInfo { ContainerId = "web", Pid = 5 };
        ProcessService.AddDetails(wire, process);
        return process;
    }
}
