"""How the calls of an experiment are fired: when iterations arrive, how exact the gap is, over which connections, by how many processes."""

import re
from enum import StrEnum
from typing import Self

from pydantic import Field

from harness.model import Fired, Method
from harness.settings import Settings
from harness.units import NS_PER_MS


class ArrivalProcess(StrEnum):
    """When iterations start; each has `rate_per_s` of them a second."""

    CONSTANT = "constant"
    """Evenly spaced."""
    POISSON = "poisson"
    """At random instants that know nothing of each other, as the calls of many users."""
    BURST = "burst"
    """`burst_size` at once, then a pause."""
    RAMP = "ramp"
    """Faster and faster, from `ramp_from_per_s` to `rate_per_s`."""


class Topology(StrEnum):
    """What the calls of one iteration share on their way to the service."""

    SAME_CHANNEL = "same_channel"
    """One connection, which keeps their order on the wire."""
    TWO_CHANNELS = "two_channels"
    """A connection each, of one process."""
    TWO_PROCESSES = "two_processes"
    """A process each."""


class Timing(StrEnum):
    """What the gap's exactness may cost."""

    EXACT = "exact"
    """The loop is polled for the last two ms before a call, which burns CPU while nothing else is to be done."""
    ECONOMICAL = "economical"
    """Timers alone: late by up to a few ms, never early."""


class OffSchedule(StrEnum):
    """What becomes of an iteration whose achieved gap is outside the tolerance. It is marked and counted in any case."""

    KEEP = "keep"
    """It counts at the api-delay that was asked for."""
    LEAVE_OUT = "leave_out"
    """It counts nowhere."""
    BIN = "bin"
    """It counts at the api-delay of the run that its achieved gap is nearest to."""


class FiringSettings(Settings):
    """The table `[firing]` of a scenario."""

    arrivals: ArrivalProcess = Field(
        ArrivalProcess.CONSTANT, description="when iterations start, rate_per_s of them a second"
    )
    burst_size: int = Field(10, ge=1, le=100_000, description="burst: iterations that start together")
    ramp_from_per_s: float = Field(1.0, gt=0, le=100_000, description="ramp: the rate at its start")
    max_lateness_s: float = Field(
        5.0,
        gt=0,
        le=3600,
        description="how far behind its time an iteration may start; later ones are dropped and counted",
    )
    warm_up_s: float = Field(0.0, ge=0, le=600, description="fire for so long before anything counts")
    topology: Topology = Field(Topology.SAME_CHANNEL, description="what the calls of one iteration share")
    timing: Timing = Field(Timing.EXACT, description="what the gap's exactness may cost")
    workers: int = Field(1, ge=1, le=64, description="firing processes")
    tolerance_ms: float = Field(
        0.5, ge=0, le=60_000, description="how wrong the gap may be: this, or the share below if that is more"
    )
    tolerance_share: float = Field(0.02, ge=0, le=1, description="the same as a share of the api-delay")
    off_schedule: OffSchedule = Field(
        OffSchedule.KEEP, description="what becomes of an iteration whose gap is wrong by more"
    )
    calibration_s: float = Field(
        1.0, ge=0, le=60, description="how long to measure this machine's firing before a run; 0 for not"
    )
    force: bool = Field(False, description="run also at a rate at which gaps did not hold when that was measured")

    def is_off_schedule(self, fired: Fired) -> bool:
        """Return whether a gap was not what was asked for: the whole one, or where a call between the first and the last started."""
        if (error_ns := fired.delay_error_ns) is None:
            return False
        errors_ns = [error_ns, *(call.started_ns - call.intended_ns for call in fired.writes[1:-1])]
        return max(map(abs, errors_ns)) > self.tolerance_ns(fired.api_delay_ms)

    def tolerance_ns(self, api_delay_ms: float) -> int:
        """Return by how much the gap of an api-delay may be wrong."""
        return round(max(self.tolerance_ms, self.tolerance_share * api_delay_ms) * NS_PER_MS)


MAX_UPDATES = 8
MAX_LISTED_CALLS = MAX_UPDATES + 1
MAX_OFFSET_MS = 60_000
_LISTED = re.compile(r"(update|submit)@(\d+(?:\.\d+)?)")


class ListedCall(Settings):
    """One call of a scenario's list, `update@2`: what is called, and how many ms after the first call."""

    method: Method
    offset_ms: float

    def __str__(self) -> str:
        return f"{'update' if self.method is Method.UPDATE else 'submit'}@{self.offset_ms:g}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return a call as it is written. Raises ValueError with what is wrong."""
        found = _LISTED.fullmatch(text.strip().lower())
        if found is None:
            raise ValueError(
                f"{text!r} is no call: it must read update@MS or submit@MS, as in update@0, update@2, submit@5"
            )
        offset_ms = float(found[2])
        if offset_ms > MAX_OFFSET_MS:
            raise ValueError(f"{text!r} is more than {MAX_OFFSET_MS / 1000:.0f} s after the first call")
        return cls(method=Method.UPDATE if found[1] == "update" else Method.SUBMIT, offset_ms=offset_ms)


def listed_calls(texts: list[str]) -> tuple[ListedCall, ...]:
    """Return the calls of a list in the order of their start. Raises ValueError with what is wrong."""
    calls = sorted(map(ListedCall.parse, texts), key=lambda call: call.offset_ms)
    if not 2 <= len(calls) <= MAX_LISTED_CALLS:
        raise ValueError(f"a list of calls has 2 to {MAX_LISTED_CALLS} of them, this one {len(calls)}")
    if sum(call.method is Method.UPDATE for call in calls) > MAX_UPDATES:
        raise ValueError(f"update can stand in a list of calls {MAX_UPDATES} times")
    if sum(call.method is Method.SUBMIT for call in calls) > 1:
        raise ValueError("submit can stand in a list of calls once: what was submitted cannot be submitted again")
    if calls[0].offset_ms != 0:
        raise ValueError("the first call of a list starts at 0: offsets count from it")
    return tuple(calls)
