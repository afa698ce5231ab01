"""What is measured: every behaviour over the delays, every planted fault, and the clean controls. Pure data."""

from dataclasses import dataclass, field
from enum import StrEnum

from harness.check.anomalies import AnomalyClass
from harness.model import Order, Verdict
from harness.scenario import BehaviourName, FaultName, SettlePolicy

SMALL_DELAYS_MS = (0.0, 1.0, 2.0, 5.0)
CURVE_DELAYS_MS = (*SMALL_DELAYS_MS, 10.0, 20.0, 50.0, 100.0)


class Kind(StrEnum):
    """What an experiment is for."""

    BEHAVIOUR = "behaviour"
    FAULT = "fault"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Expected:
    """How a fault must be told: the verdict, and the class of the cause; None where the verdict says it all."""

    verdict: Verdict
    cause: AnomalyClass | None


@dataclass(frozen=True, slots=True)
class Experiment:
    """One run; `iterations` counts those of each api-delay."""

    name: str
    kind: Kind
    behaviour: BehaviourName
    delays_ms: tuple[float, ...]
    iterations: int
    order: Order = Order.RANDOM
    faults: tuple[FaultName, ...] = ()
    expected: Expected | None = None
    rate_per_s: float = 50.0
    wait_s: float = 3.0
    horizon_s: float = 3.0
    settle: SettlePolicy = SettlePolicy.FIXED
    rare: bool = False
    """Whether the fault is rare by nature, so that one detection is enough."""
    settings: dict[str, object] = field(default_factory=dict)
    """Of the faults, beside their defaults."""


def _diverged(cause: AnomalyClass) -> Expected:
    return Expected(Verdict.DIVERGED, cause)


@dataclass(frozen=True, slots=True)
class Plant:
    """Where a fault takes effect best, and how it must be told."""

    delay_ms: float
    expected: Expected
    order: Order = Order.RANDOM
    rare: bool = False
    rate_per_s: float = 50.0


PLANTS = {
    FaultName.STALE_CLOSURE: Plant(0, _diverged(AnomalyClass.STALE_PAYLOAD)),
    FaultName.UNORDERED_TASKS: Plant(0, _diverged(AnomalyClass.VERSION_INVERSION)),
    FaultName.SECOND_VERSION: Plant(0, _diverged(AnomalyClass.VERSION_TIE)),
    FaultName.NOW_INVERSION: Plant(2, _diverged(AnomalyClass.VERSION_INVERSION), Order.UPDATE_FIRST),
    FaultName.CLOCK_SKEW: Plant(5, _diverged(AnomalyClass.VERSION_INVERSION), Order.SUBMIT_FIRST),
    FaultName.FULL_ROW_SAVE: Plant(
        0, Expected(Verdict.POSTGRES_WRONG, AnomalyClass.SUBMIT_CLOBBER), Order.SUBMIT_FIRST
    ),
    FaultName.HISTORY_OUTSIDE: Plant(0, _diverged(AnomalyClass.VERSION_INVERSION)),
    FaultName.DROPPED_COPY: Plant(100, _diverged(AnomalyClass.LOST_PROPAGATION), rare=True),
    FaultName.ROLLED_BACK_INSERT: Plant(100, _diverged(AnomalyClass.PHANTOM_VALUE)),
    FaultName.SPLIT_INSERT_CRASH: Plant(100, _diverged(AnomalyClass.TORN_SCORECARD)),
    FaultName.BLOCK_DEDUPLICATION: Plant(20, _diverged(AnomalyClass.VERSION_TIE), Order.UPDATE_FIRST, rate_per_s=6),
    FaultName.PARTITION_BY_STATUS: Plant(100, _diverged(AnomalyClass.DUPLICATE_FINAL)),
    FaultName.VERSIONLESS_DELETE: Plant(0, _diverged(AnomalyClass.RESURRECTED_ROW)),
    FaultName.LOSSY_MAPPING: Plant(100, _diverged(AnomalyClass.PHANTOM_VALUE)),
    FaultName.LATE_COPY: Plant(100, Expected(Verdict.LATE, None)),
}


def experiments(*, quick: bool) -> tuple[Experiment, ...]:
    """Return what is run: whole, or enough to notice what is broken in under two minutes."""
    return (*_behaviours(quick), *_faults(quick), *_controls(quick))


# Without the wait of a run that takes its verdicts at a deadline: the service says when every copy has landed.
QUICK = SettlePolicy.QUIESCENT


def _behaviours(quick: bool) -> list[Experiment]:
    delays_ms, iterations = ((0.0, 5.0, 100.0), 60) if quick else (CURVE_DELAYS_MS, 300)
    return [
        Experiment(
            str(name), Kind.BEHAVIOUR, name, delays_ms, iterations, settle=QUICK if quick else SettlePolicy.FIXED
        )
        for name in BehaviourName
    ]


def _faults(quick: bool) -> list[Experiment]:
    found = []
    for fault, plant in PLANTS.items():
        whole, part = (2000, 200) if plant.rare else (400, 60)
        # Of what needs many inserts one after the other, fewer pairs.
        fewer = 3 if plant.rate_per_s < 50 else 1
        found.append(
            Experiment(
                str(fault),
                Kind.FAULT,
                BehaviourName.CURE,
                (plant.delay_ms,),
                (part if quick else whole) // fewer,
                plant.order,
                (fault,),
                plant.expected,
                rate_per_s=plant.rate_per_s,
                settle=QUICK if quick else SettlePolicy.FIXED,
                rare=plant.rare,
            )
        )
    return found


def _controls(quick: bool) -> list[Experiment]:
    iterations, rate_per_s = (200, 50.0) if quick else (10_000, 90.0)
    mixed, settle = iterations // len(CURVE_DELAYS_MS), QUICK if quick else SettlePolicy.FIXED
    names = {"clean control": (CURVE_DELAYS_MS, mixed), "cure at 0 ms": ((0.0,), iterations)}
    return [
        Experiment(name, Kind.CONTROL, BehaviourName.CURE, delays_ms, count, rate_per_s=rate_per_s, settle=settle)
        for name, (delays_ms, count) in names.items()
    ]
