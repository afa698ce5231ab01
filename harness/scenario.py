"""The experiment: everything that a scenario file, the environment and the command line's flags can set, validated.

Nothing here knows a file, a store or the network; `harness.scenario_file` reads scenarios.
"""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_serializer, field_validator, model_validator

from harness.delays import parse_delays
from harness.firing import FiringSettings, ListedCall, listed_calls
from harness.gate_settings import Gates
from harness.mapping import StoreMapping
from harness.model import Method, Order
from harness.settings import Settings

SWEEP_DELAYS_MS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)


class SettlePolicy(StrEnum):
    """When a verdict is taken."""

    FIXED = "fixed"
    """At the deadline."""
    QUIESCENT = "quiescent"
    """As soon as the target says that every copy has landed."""


def _as_list(value: object) -> object:
    """Let one api-delay stand without brackets, and ranges and grids among them as text."""
    parts = value if isinstance(value, list | tuple) else [value]
    if not any(isinstance(part, str) for part in parts):
        return parts
    return parse_delays(",".join(str(part) for part in parts))


def _as_calls(value: object) -> object:
    """Read a list of calls, given as texts or as one text; what is none is left for its own error."""
    texts = value.split(",") if isinstance(value, str) else value
    if isinstance(texts, list | tuple) and texts and all(isinstance(text, str) for text in texts):
        return listed_calls(list(texts))
    return texts


Delays = Annotated[
    tuple[Annotated[float, Field(ge=0, le=60_000, allow_inf_nan=False)], ...],
    BeforeValidator(_as_list),
    Field(min_length=1),
]


class BehaviourName(StrEnum):
    """The reference service's versions; what each does stands in `harness.service.behaviours`."""

    AS_FOUND = "as_found"
    FIX1 = "fix1"
    FIX2 = "fix2"
    FIX3 = "fix3"
    CURE = "cure"
    OUTBOX = "outbox"


class FaultName(StrEnum):
    """What can be planted in the reference service; what each does stands in `harness.service.faults`, what it models in docs/faults.md."""

    STALE_CLOSURE = "stale_closure"
    UNORDERED_TASKS = "unordered_tasks"
    SECOND_VERSION = "second_version"
    NOW_INVERSION = "now_inversion"
    CLOCK_SKEW = "clock_skew"
    FULL_ROW_SAVE = "full_row_save"
    HISTORY_OUTSIDE = "history_outside"
    DROPPED_COPY = "dropped_copy"
    ROLLED_BACK_INSERT = "rolled_back_insert"
    SPLIT_INSERT_CRASH = "split_insert_crash"
    BLOCK_DEDUPLICATION = "block_deduplication"
    PARTITION_BY_STATUS = "partition_by_status"
    VERSIONLESS_DELETE = "versionless_delete"
    LOSSY_MAPPING = "lossy_mapping"
    LATE_COPY = "late_copy"


class FaultSettings(Settings):
    """How much of a fault is planted. A share says which copies or calls are hit, drawn by their number; never what a verdict will be."""

    dropped_share: float = Field(0.01, ge=0, le=1, description="dropped_copy: share of copies that are never made")
    rolled_back_share: float = Field(
        0.2, ge=0, le=1, description="rolled_back_insert: share of Update and Submit calls that are rolled back"
    )
    split_share: float = Field(
        0.2, ge=0, le=1, description="split_insert_crash: share of copies that end behind their header"
    )
    skew_ms: float = Field(
        50.0, ge=0, le=60_000, description="clock_skew: how far the clock of Update's host is behind"
    )
    late_s: float = Field(
        5.0, ge=0, le=600, description="late_copy: how much later the copies of Update and Submit land"
    )


class CopyLatency(Settings):
    """The model of the production worker queue: a mixture of two log-normal delays of the copy to ClickHouse.

    Each is given by its median in ms and the sigma of its logarithm; `slow_share` of the copies take the slow one. It is a model, tuned so
    that the behaviour `fix3` shows the field's curve; it says when a copy writes, never what a verdict will be.
    """

    median_ms: float = Field(2.0, gt=0, le=60_000)
    sigma: float = Field(0.3, ge=0, le=3)
    slow_share: float = Field(0.17, ge=0, le=1)
    slow_median_ms: float = Field(20.0, gt=0, le=60_000)
    slow_sigma: float = Field(0.4, ge=0, le=3)


class StackSettings(Settings):
    """How the embedded stack's own service behaves."""

    behaviour: BehaviourName = Field(
        BehaviourName.FIX3, description="the reference service's behaviour; cure where faults are planted"
    )
    latency: CopyLatency = CopyLatency()
    faults: tuple[FaultName, ...] = Field((), description="what is planted in the service")
    fault_settings: FaultSettings = FaultSettings()

    @model_validator(mode="before")
    @classmethod
    def _faults_alone(cls, values: Any) -> Any:
        """Plant faults in the cure where no behaviour is named: a fault is to be the only thing wrong."""
        if isinstance(values, dict) and values.get("faults") and values.get("behaviour") is None:
            return values | {"behaviour": BehaviourName.CURE}
        return values

    @field_validator("faults")
    @classmethod
    def _no_fault_twice(cls, faults: tuple[FaultName, ...]) -> tuple[FaultName, ...]:
        return tuple(dict.fromkeys(faults))


class TargetSettings(Settings):
    """Where the calls go and whose scorecards they make. Secrets come from flags or the environment, not from here."""

    customer: str = Field("harness-customer", pattern=r"^[A-Za-z0-9_.~-]+$")
    profile: str = Field("harness-profile", pattern=r"^[A-Za-z0-9_.~-]+$")


class Scenario(Settings):
    """One experiment: how many pairs of calls, how far apart, and when they are judged."""

    iterations: int = Field(
        50,
        ge=1,
        le=10_000_000,
        description="pairs of calls at each api-delay; by default 50, or as many as the gates need at most",
    )
    api_delay_ms: Delays = Field((10.0,), description="start-to-start gaps of the pair of calls")
    order: Order = Field(Order.UPDATE_FIRST, description="which call is started first")
    calls: Annotated[tuple[ListedCall, ...], BeforeValidator(_as_calls)] = Field(
        (),
        description="instead of api_delay_ms and order: each call with its offset in ms, as update@0, update@2, submit@5",
    )
    rate_per_s: float = Field(50.0, gt=0, le=100_000, description="iterations started per second")
    concurrency: int = Field(1000, ge=1, le=100_000, description="iterations in flight at most, from Create to verdict")
    create_lead_ms: float = Field(
        250.0,
        ge=0,
        le=60_000,
        description="from the start of Create to the first call, so that Create's own copy has landed",
    )
    call_timeout_s: float = Field(10.0, gt=0, le=600, description="deadline of each call")
    scores: int = Field(4, ge=1, le=100, description="scores on each scorecard")
    wait_s: float = Field(2.0, ge=0, le=3600, description="from the last answer to the verdict")
    settle: SettlePolicy = Field(SettlePolicy.FIXED, description="when a verdict is taken")
    horizon_s: float = Field(
        5.0, ge=0, le=3600, description="after the deadline, how long a difference may still heal (late)"
    )
    poll_ms: float = Field(
        100.0, ge=5, le=60_000, description="pause between looks at the stores while iterations wait"
    )
    seed: int = Field(1, ge=0, lt=2**63, description="of everything that is drawn")
    firing: FiringSettings = FiringSettings()
    gates: Gates = Gates()
    target: TargetSettings = TargetSettings()
    stack: StackSettings = StackSettings()
    mapping: StoreMapping = StoreMapping()

    @model_validator(mode="before")
    @classmethod
    def _listed_calls_say_the_delay(cls, values: Any) -> Any:
        """Let a list of calls set what it says: the point of the report is the offset of its last call."""
        try:
            calls = _as_calls(values.get("calls")) if isinstance(values, dict) else None
        except ValueError:
            # The field's own error says what is wrong with the list.
            return values
        if not isinstance(calls, tuple) or not calls:
            return values
        order = Order.UPDATE_FIRST if calls[0].method is Method.UPDATE else Order.SUBMIT_FIRST
        said = {"api_delay_ms": [calls[-1].offset_ms], "order": order}
        for name, one in said.items():
            given = values.get(name)
            if given is not None and given != one and [given] != one:
                raise ValueError(f"give calls or {name}, not both: the list says when each call starts")
        return values | {"calls": calls} | said

    @field_serializer("calls")
    def _calls_as_written(self, calls: tuple[ListedCall, ...]) -> list[str]:
        return list(map(str, calls))

    @model_validator(mode="after")
    def _workers_have_work(self) -> Self:
        if self.firing.workers > self.concurrency:
            raise ValueError(f"firing.workers must not be more than concurrency, {self.concurrency}")
        return self

    @model_validator(mode="after")
    def _as_many_as_the_gates_need(self) -> Self:
        """Plan what `max_iterations` bounds; where nothing says how many, as many as decide every gate."""
        planned = self.gates.max_iterations
        if planned is None and self.gates.asked_for and "iterations" not in self.model_fields_set:
            planned = self.gates.iterations_needed(len(self.api_delay_ms), otherwise=self.iterations)
        if planned is not None:
            # The scenario is frozen for everyone else; from here on it says what is planned, also where it is read again.
            self.__dict__["iterations"] = planned
            self.__pydantic_fields_set__.add("iterations")
        return self

    @field_validator("api_delay_ms")
    @classmethod
    def _no_delay_twice(cls, delays_ms: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(delays_ms)) != len(delays_ms):
            raise ValueError("an api-delay stands in the list twice")
        return delays_ms

    @property
    def closed_loop(self) -> bool:
        """Whether each iteration waits for the verdict on the one before, and so cannot be late."""
        return self.concurrency == 1

    @property
    def updates(self) -> int:
        """How many Update calls an iteration has."""
        return sum(call.method is Method.UPDATE for call in self.calls) or 1

    @property
    def total_iterations(self) -> int:
        """Pairs of calls over all api-delays."""
        return self.iterations * len(self.api_delay_ms)
