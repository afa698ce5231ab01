"""The firing thread's claim on the machine: an instant that is missed cannot be made good."""

import os

from harness.firing_stats import Scheduling

NICENESS = -10


def claim_priority() -> Scheduling:
    """Take the best scheduling that this user may have, and return which that is; what this process starts does not inherit it.

    Real-time scheduling needs root, CAP_SYS_NICE or a limit on `rtprio`; on a busy machine it brings the p99 of the delay's error
    from tens of ms to tenths.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except (OSError, AttributeError):
        pass
    else:
        return Scheduling.REALTIME
    try:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    except OSError:
        return Scheduling.NORMAL
    return Scheduling.RAISED
