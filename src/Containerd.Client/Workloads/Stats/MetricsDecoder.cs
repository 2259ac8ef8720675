using Containerd.Client.Transport;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Containerd.Client.Workloads.Stats;

/// <summary>Decodes the metrics that a shim sent for a task, whatever their type.</summary>
internal static class MetricsDecoder
{
    /// <summary>Fills in the metrics and the figures derived from them.</summary>
    /// <exception cref="CtrNotSupportedException">The metrics are of a kind that is not known here (MetricsUnknown).</exception>
    /// <exception cref="CtrDataException">They are not what they say they are (MetricsInvalid).</exception>
    internal static void Decode(Any data, CtrStats into)
    {
        try
        {
            switch (data.Kind())
            {
                case "io.containerd.cgroups.v1.Metrics":
                    FromV1(Wire.CgroupsV1.Metrics.Parser.ParseFrom(data.Value), into);
                    break;
                case "io.containerd.cgroups.v2.Metrics":
                    into.CgroupV2 = Wire.CgroupsV2.Metrics.Parser.ParseFrom(data.Value).Model();
                    CgroupV2Metrics.Derive(into, into.CgroupV2);
                    break;
                case "containerd.runhcs.stats.v1.Statistics":
                    FromWindows(Wire.RunhcsStats.Statistics.Parser.ParseFrom(data.Value), into);
                    break;
                default:
                    throw new CtrNotSupportedException(
                        $"The shim of container '{into.ContainerId}' sends metrics of an unknown type: '{data.TypeUrl}'."
                    )
                    {
                        ErrorId = ErrorIds.MetricsUnknown,
                        Subject = into.ContainerId,
                    };
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CtrDataException($"The metrics that the shim of container '{into.ContainerId}' sent cannot be read: {e.Message}", e)
            {
                ErrorId = ErrorIds.MetricsInvalid,
                Subject = into.ContainerId,
            };
        }
    }

    private static void FromWindows(Wire.RunhcsStats.Statistics wire, CtrStats into)
    {
        into.Windows = wire.Model();
        if (wire.Linux is { } linux)
            FromV1(linux, into);
        else
            WindowsMetrics.Derive(into, into.Windows);
    }

    private static void FromV1(Wire.CgroupsV1.Metrics wire, CtrStats into)
    {
        into.CgroupV1 = wire.Model();
        CgroupV1Metrics.Derive(into, into.CgroupV1);
    }
}
