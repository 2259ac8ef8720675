namespace Containerd.Client.Workloads.Events;

/// <summary>Compares what the events of a process told with the daemon's state.</summary>
internal static class LifeComparison
{
    /// <summary>Finds the difference.</summary>
    /// <param name="known">The process according to its events.</param>
    /// <param name="shown">The process according to the daemon; null if the daemon does not know it.</param>
    /// <param name="isInit">Whether it is the first process of the container.</param>
    /// <param name="afterGap">Whether events may have been missed.</param>
    /// <returns>The difference.</returns>
    internal static LifeFinding Examine(ProcessLives known, ProcessReport? shown, bool isInit, bool afterGap)
    {
        if (shown is null)
        {
            return known.Phase switch
            {
                LifePhase.Running => LifeFinding.Lost,
                // Its own event may be late, even after a gap.
                LifePhase.Ended when isInit && !afterGap => LifeFinding.Removed,
                LifePhase.Created when isInit => LifeFinding.Removed,
                _ => LifeFinding.None,
            };
        }

        var same = known.Pid == shown.Pid;
        if (known.Phase == LifePhase.Running)
        {
            if ((shown.Pid > 0 && !same) || shown.Status == CtrStatus.Created)
                return LifeFinding.Lost;
            return shown.Status == CtrStatus.Stopped ? LifeFinding.Exited : LifeFinding.None;
        }

        if (shown.IsAlive)
            return LifeFinding.Started;
        // An exec that could not be started.
        if (!isInit && shown.Pid <= 0)
            return LifeFinding.None;
        switch (shown.Status)
        {
            case CtrStatus.Created:
                return known.Phase != LifePhase.Created || !same ? LifeFinding.Created : LifeFinding.None;
            case CtrStatus.Stopped when known.Phase == LifePhase.Created && same:
                // Without a gap it never started. In a gap, both are possible, and an extra exit is better than a missing one.
                return afterGap ? LifeFinding.Exited : LifeFinding.None;
            case CtrStatus.Stopped when known.Phase == LifePhase.Ended && same:
                return shown.ExitedAt > known.ExitedAt && known.ExitCode is not null ? LifeFinding.Exited : LifeFinding.None;
            case CtrStatus.Stopped:
                return LifeFinding.Exited;
            default:
                return LifeFinding.None;
        }
    }
}
