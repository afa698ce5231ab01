"""One run: all sides take turns at every load, so that whatever else the machine does meets all of them alike."""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from benchmarks.load_engine import stopped
from benchmarks.load_engine.children import Side, SideError, side
from benchmarks.load_engine.segment import Job, Outcome

DELAYS_MS = (0.0, 1.0, 2.0, 5.0, 10.0, 50.0, 100.0)
IDLE_PER_S = 20.0
LOADS_PER_S = (IDLE_PER_S, 200.0, 500.0)
ENGINE, LOCUST, RAW = "engine", "Locust", "raw loop"
MODULES = {ENGINE: "engine", LOCUST: "locust_user", RAW: "floors"}

Arrivals = dict[str, tuple[int | None, int | None]]
"""By scorecard: the instants (ns) at which its update and its submit arrived."""


class Paced(NamedTuple):
    """One segment at a set rate, as both ends saw it."""

    outcome: Outcome
    arrivals: Arrivals
    target_waited_ms: float | None = None
    """For how long the target was ready to run and kept from its core; what the wire's figures owe to the machine."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. Interpreters stand by their side's name; a side without one is left out."""

    pythons: dict[str, str]
    repeat: int
    seconds: float
    """Of each segment at a set rate."""
    idle_seconds: float
    saturating_pairs: int
    in_flight: tuple[int, ...]
    """Sides differ in how many pairs in flight suit them: each is tried, and the best of a side counts."""
    sleeps: int
    stopped_seconds: float


@dataclass(slots=True)
class Measured:
    """Everything that was measured, as it came."""

    paced: dict[tuple[str, float], list[Paced]] = field(default_factory=lambda: defaultdict(list))
    """By side and load (pairs/s)."""
    saturated: dict[tuple[str, int], list[Outcome]] = field(default_factory=lambda: defaultdict(list))
    """By side and pairs in flight."""
    sleep_errors_ns: dict[float, list[int]] = field(default_factory=lambda: defaultdict(list))
    stopped: dict[str, Any] = field(default_factory=dict)
    """Empty where it could not be measured."""
    target_scheduling: str = ""


def cores() -> tuple[int, int]:
    """Return the core of the sides and that of the target: the same one where there is but one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[1 % len(allowed)]


def measure(plan: Plan) -> Measured:
    """Measure everything; what goes wrong with a side is printed, and costs that segment alone."""
    measured = Measured()
    client_core, target_core = cores()
    with side("target", {"core": target_core}) as target:
        measured.target_scheduling = target.ready["scheduling"]
        for number in range(plan.repeat):
            print(f"repetition {number + 1} of {plan.repeat}", flush=True)
            _sleep(plan, client_core, measured)
            for name, job in _jobs(plan, number, target.ready["address"], client_core):
                _run(plan, name, job, target, measured)
        print("the target is stopped for a second", flush=True)
        try:
            measured.stopped = stopped.measure(target, client_core, plan.stopped_seconds)
        except SideError as error:
            print(f"{ENGINE} failed: {error}", flush=True)
    return measured


def _jobs(plan: Plan, number: int, address: str, core: int) -> Iterator[tuple[str, Job]]:
    """Yield every side's segments of one repetition. The side that begins is another one in each."""
    names = list(plan.pythons)
    names = names[number % len(names) :] + names[: number % len(names)]
    for rate_per_s in LOADS_PER_S:
        pairs = round(rate_per_s * (plan.idle_seconds if rate_per_s == IDLE_PER_S else plan.seconds))
        for name in names:
            yield name, Job(address, core, pairs, DELAYS_MS, rate_per_s)
    for in_flight in plan.in_flight:
        for name in names:
            yield name, Job(address, core, plan.saturating_pairs, (0.0,), in_flight=in_flight, claims_priority=False)


def _run(plan: Plan, name: str, job: Job, target: Side, measured: Measured) -> None:
    """Do one segment and keep what it gave."""
    try:
        with side(MODULES[name], asdict(job), plan.pythons[name]) as child:
            _take(target)
            child.send({"start": True})
            outcome = Outcome.of(child.answer())
    except SideError as error:
        print(f"{name} failed: {error}", flush=True)
        return
    arrivals, waited_ms = _take(target)
    if job.rate_per_s:
        measured.paced[name, job.rate_per_s].append(Paced(outcome, arrivals, waited_ms))
    else:
        measured.saturated[name, job.in_flight].append(outcome)


def _take(target: Side) -> tuple[Arrivals, float | None]:
    target.send({"take": True})
    taken = target.answer()
    return {scorecard: (calls[0], calls[1]) for scorecard, calls in taken["arrivals"].items()}, taken["waited_ms"]


def _sleep(plan: Plan, core: int, measured: Measured) -> None:
    with side("floors", {"core": core, "delays_ms": DELAYS_MS, "sleeps": plan.sleeps}) as child:
        child.send({"start": True})
        for delay_ms, errors_ns in child.answer()["errors_ns"].items():
            measured.sleep_errors_ns[float(delay_ms)].extend(errors_ns)
