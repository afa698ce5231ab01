"""What one side is asked to do in one go, and what it hands back: the words that all sides and the parent share.

Every side is a process of its own, `python -m benchmarks.load_engine.<side>`: it reads a `Job` as one JSON line, says `{"ready": {}}`
when it is connected and warm, waits for one more line, does the segment, and writes an `Outcome` as one JSON line. Standard library only.
"""

import gc
import os
import sys
from dataclasses import dataclass
from typing import Any, NamedTuple

from harness.drive.priority import Scheduling, claim_priority

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
class Outcome:
    """What a segment gave. CPU is that of the whole process, its gRPC threads included, from the first call to the last answer."""

    pairs: list[Pair]
    wall_s: float
    cpu_s: float
    scheduling: str
    failed: int = 0

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Outcome":
        """Return the outcome that stands in a JSON line."""
        return cls(**(answer | {"pairs": [Pair(*pair) for pair in answer["pairs"]]}))


def prepare(core: int, claims_priority: bool = True) -> str:
    """Bind this process to one core and, if asked, claim the priority that the harness claims; return which scheduling that gave.

    Every side gets the same, so that what differs is what it does, not its standing with the kernel. To be called before any thread is
    started: threads inherit the core, and not the priority.
    """
    if sys.platform == "linux":
        os.sched_setaffinity(0, {core})
    return (claim_priority() if claims_priority else Scheduling.NORMAL).value


def freeze() -> None:
    """Let the collector of cycles forget what was made so far, as the harness does before it fires."""
    gc.collect()
    gc.freeze()
