using Containerd.Client.Transport;
using Google.Protobuf;

namespace Containerd.Client.Workloads.Events;

/// <summary>Publishes events to the daemon's stream (Events.Publish).</summary>
internal static class EventPublisher
{
    internal static async Task PublishAsync(NamespaceScope ns, string topic, IMessage content, CancellationToken cancellationToken) =>
        await new Wire.EventService.Events.EventsClient(ns.Calls())
            .PublishAsync(new() { Topic = topic, Event = WireAny.Pack(content) }, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Event, topic)
            .ConfigureAwait(false);
}
