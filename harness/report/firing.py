"""How the calls were fired, as the report holds it."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import reduce
from operator import xor

from harness.firing_stats import Certificate, LoopUse, Scheduling, WorkerStats
from harness.report.document import Calibration, Firing, FiringLoop
from harness.report.tally import spread_of

# From the worst to the best.
_SCHEDULING = (Scheduling.NORMAL, Scheduling.RAISED, Scheduling.REALTIME)


def firing_of(workers: Sequence[WorkerStats]) -> Firing | None:
    """Return what all firing processes say together, None where none has ended yet."""
    if not workers:
        return None
    admissions = [worker.admission for worker in workers]
    return Firing(
        arrivals=sum(one.arrivals for one in admissions),
        late_arrivals=sum(one.late_arrivals for one in admissions),
        dropped_arrivals=sum(one.dropped_arrivals for one in admissions),
        max_arrival_lateness_ms=max(one.max_arrival_lateness_ms for one in admissions),
        warm_ups=sum(one.warm_ups for one in admissions),
        scheduling=min((worker.scheduling for worker in workers), key=_SCHEDULING.index).value,
        plan_hash=f"{reduce(xor, (worker.plan_hash for worker in workers)):016x}",
        loops=[_loop(worker.loop) for worker in workers],
    )


def calibration_of(certificate: Certificate | None) -> Calibration | None:
    """Return what was measured before the run, None where nothing was."""
    return None if certificate is None else Calibration.model_validate(asdict(certificate))


def _loop(use: LoopUse) -> FiringLoop:
    return FiringLoop(
        wall_s=use.wall_s,
        cpu_s=use.cpu_s,
        utilisation=use.cpu_s / use.wall_s,
        polled_share=use.polled_s / use.wall_s,
        lag_ms=spread_of(use.lag_ms),
    )
