"""What one side is asked to do in one go, and what it hands back: the words that all sides and the parent share.

Every side is a process of its own, `python -m benchmarks.load_engine.<side>`: it reads a `Job` as one JSON line, says `{"ready": {}}`
when it is connected and warm, waits for one more line, does the segment, and writes an `Outcome` as one JSON line. Locust may run under
an interpreter that has little: what this imports stands in `benchmarks/requirements.txt`.
"""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from harness.drive.priority import claim_priority
from harness.firing_stats import Scheduling
from harness.units import NS_PER_MS

WARM_UP_CALLS = 50
CALL_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Job:
    """One segment: `pairs` pairs whose delays are gone through in turn.

    With a rate they arrive evenly spaced, whatever becomes of the ones before; without one (0) each of `in_flight` begins as soon as one
    has ended, which is saturation. Every pair is a Create, and then the two calls on what it made.
    """

    address: str
    core: int
    pairs: int
    delays_ms: tuple[float, ...]
    rate_per_s: float = 0.0
    in_flight: int = 64
    claims_priority: bool = True

    def delay_ms(self, number: int) -> float:
        """Return the delay of one pair."""
        return self.delays_ms[number % len(self.delays_ms)]

    @classmethod
    def of(cls, config: dict[str, Any]) -> "Job":
        """Return the job that stands in a JSON line."""
        return cls(**(config | {"delays_ms": tuple(config["delays_ms"])}))


class Pair(NamedTuple):
    """One pair, all calls of it answered. Instants are CLOCK_MONOTONIC ns."""

    delay_ms: float
    """The delay asked for."""
    scorecard: str
    """The id by which the target's arrivals are found."""
    intended_ns: int
    """When the plan wanted Create to start; a side without a plan intends what it does."""
    created_ns: int
    """When Create was answered."""
    first_ns: int
    """When the first call was handed to the channel."""
    second_ns: int
    finished_ns: int
    """When the last call was answered."""

    @property
    def error_ms(self) -> float:
        """How far the gap between the starts is from what was asked; negative where the second call started too early."""
        return (self.second_ns - self.first_ns - round(self.delay_ms * 1e6)) / 1e6


@dataclass(frozen=True, slots=True)
class Spent:
    """What a segment took, from its first call to its last answer."""

    wall_s: float
    cpu_s: float
    """Of the whole process, its gRPC threads included."""
    waited_ms: float | None
    """For how long the main thread was ready to run and kept from its core; None where the kernel does not tell."""


class Meter:
    """Measures what is spent from its making on."""

    def __init__(self) -> None:
        self._waited_ms = waited_ms()
        self._cpu_s = time.process_time()
        self._started_s = time.monotonic()

    def spent(self) -> Spent:
        """Return what was spent so far."""
        wall_s, cpu_s, now_ms = time.monotonic() - self._started_s, time.process_time() - self._cpu_s, waited_ms()
        waited = None if now_ms is None or self._waited_ms is None else now_ms - self._waited_ms
        return Spent(wall_s, cpu_s, waited)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a segment gave, and took."""

    pairs: list[Pair]
    spent: Spent
    scheduling: str
    failed: int = 0

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Outcome":
        """Return the outcome that stands in a JSON line."""
        pairs = [Pair(*pair) for pair in answer["pairs"]]
        return cls(pairs, Spent(**answer["spent"]), answer["scheduling"], answer["failed"])


def waited_ms() -> float | None:
    """Return for how long this thread was ready to run and did not, None where the kernel does not tell."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / NS_PER_MS
    except (OSError, IndexError, ValueError):
        return None


def bind(core: int) -> None:
    """Bind this process to one core; to be called before any thread is started, which then inherit it."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {core})


def claim(job: Job) -> str:
    """Claim, where the job wants it, the priority that the harness claims, and return which scheduling that gave.

    Every side gets the same, so that what differs is what it does, not its standing with the kernel. To be called when the first calls were
    made, and gRPC's threads so exist.
    """
    return (claim_priority() if job.claims_priority else Scheduling.NORMAL).value
