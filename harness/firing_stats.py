"""What the firing processes have to say of themselves."""

from dataclasses import dataclass
from enum import StrEnum

from harness.stats.quantiles import Quantiles


class Scheduling(StrEnum):
    """How the operating system schedules the firing thread."""

    REALTIME = "realtime"
    """Before every ordinary thread; the kernel still keeps a share of each second for the others."""
    RAISED = "raised"
    NORMAL = "normal"


@dataclass(slots=True)
class Admission:
    """How the admission of iterations kept up with their arrivals. Those of the warm-up are counted apart."""

    arrivals: int = 0
    late_arrivals: int = 0
    """Arrivals that were admitted more than 10 ms after their time, for want of a permit or of CPU."""
    dropped_arrivals: int = 0
    """Arrivals that would have been admitted too late, and were not."""
    max_arrival_lateness_ms: float = 0.0
    warm_ups: int = 0


@dataclass(frozen=True, slots=True)
class LoopUse:
    """What a firing loop cost and how it kept up, over the time in which it fired."""

    wall_s: float
    cpu_s: float
    polled_s: float
    """Spent looking at the clock so that calls start exactly; most of it is in `cpu_s`, and would be idle otherwise."""
    lag_ms: Quantiles | None
    """How late a timer was served that was due every 50 ms; timers themselves count whole milliseconds."""


@dataclass(frozen=True, slots=True)
class WorkerStats:
    """What one firing process says at its end."""

    admission: Admission
    scheduling: Scheduling
    loop: LoopUse
    plan_hash: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the firing of this machine was measured to be capable of, against a target that does nothing."""

    timer_error_ms: Quantiles | None
    loop_lag_ms: Quantiles | None
    cpu_per_call_ms: float
    max_pair_rate_per_s: float | None
    """The highest rate tried at which 99 % of the gaps held their tolerance; None where none did."""
    gap_error_ms: Quantiles | None
    """Achieved minus requested gap at that rate."""
