// Lists the containers of a namespace, then runs a container and shows its output:
//   RunContainer [IMAGE [COMMAND...]]
// The daemon is the one at $CONTAINERD_ADDRESS, by default the system's; connecting usually requires root.
using Containerd;
using Containerd.Client;
using Containerd.Host;

var image = args.Length > 0 ? args[0] : "docker.io/library/busybox:latest";
var command = args.Length > 1 ? args[1..] : ["echo", "Hello from a container"];

try
{
    using var client = await ContainerdClient.ConnectAsync(new ConnectOptions());
    var containers = client.In("default");

    var tasks = await containers.Tasks.IndexAsync();
    foreach (var container in await containers.Containers.ListAsync())
        Console.WriteLine($"{container.ContainerId} {container.Image} {tasks.Find(container.ContainerId)?.Status.ToString() ?? "no task"}");

    // The container, its task and its snapshot are removed when the program in it has ended.
    var creation = new ContainerCreateOptions
    {
        Id = GeneratedId.New(),
        Image = image,
        Pull = CtrPullPolicy.Missing,
        Options = new SpecOptions { Command = command },
    };
    await using var output = Console.OpenStandardOutput();
    await using var error = Console.OpenStandardError();
    var outcome = await containers.Containers.RunAsync(creation, new ProcessIo { Stdout = output.WriteAsync, Stderr = error.WriteAsync });
    return outcome.Exit.ExitCode ?? 1;
}
catch (CtrException e)
{
    // Every failure is one error with a stable id, a message in one sentence and, where there is one, a remedy.
    await Console.Error.WriteLineAsync($"{e.ErrorId}: {e.Message} {e.Remedy}");
    return 1;
}
