"""The firing process's claim on the machine: an instant that is missed cannot be made good."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from harness.firing_stats import Scheduling

NICENESS = -10
THREADS = Path("/proc/self/task")


def claim_priority() -> Scheduling:
    """Take the best scheduling that this user may have, and return which that is; what this process starts does not inherit it.

    Real-time scheduling needs root, CAP_SYS_NICE or a limit on `rtprio`; on a busy machine it brings the p99 of the delay's error
    from tens of ms to tenths. It is claimed for every thread that there is, gRPC's too: where they share a core with a firing thread that
    polls, they would else send the first call of a pair with the second.
    """
    threads = [int(thread.name) for thread in THREADS.iterdir()] if THREADS.is_dir() else [0]
    if _granted(_realtime, threads):
        return Scheduling.REALTIME
    return Scheduling.RAISED if _granted(_raised, threads) else Scheduling.NORMAL


def _realtime(thread: int) -> None:
    os.sched_setscheduler(thread, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))


def _raised(thread: int) -> None:
    os.setpriority(os.PRIO_PROCESS, thread, NICENESS)


def _granted(claim: Callable[[int], None], threads: list[int]) -> bool:
    """Return whether the operating system knows the claim and grants it to every thread; one that has ended meanwhile needs none."""
    try:
        for thread in threads:
            with contextlib.suppress(ProcessLookupError):
                claim(thread)
    except (OSError, AttributeError):
        return False
    return True
