"""The words that every stage shares: calls, scorecards, what was fired and what was decided.

Plain frozen data. Instants are CLOCK_MONOTONIC nanoseconds (`_ns`); times that the stores keep are microseconds since the Unix epoch
(`_us`), the resolution of PostgreSQL's `timestamptz`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypeVar

from harness.units import NS_PER_MS

T = TypeVar("T")

Number = int | float | Decimal
"""A number as its column's type gives it."""
Instant = int | Fraction
"""Microseconds since the Unix epoch; PostgreSQL's infinities are the ends of a signed 64-bit integer."""


def maker(kind: type[T]) -> Callable[[Iterable[Any]], T]:
    """Return what makes a named tuple of so many values as it has fields.

    As its `_make` does, without counting them, at a third of the cost: rows come by the ten thousand at each look at the stores.
    """
    return partial(tuple.__new__, kind)  # type: ignore[type-var]


class Method(StrEnum):
    """The API's calls, by the names they have on the wire."""

    CREATE = "CreateScorecard"
    UPDATE = "UpdateScorecard"
    SUBMIT = "SubmitScorecard"


class Order(StrEnum):
    """Which of the two calls of an iteration is started first."""

    UPDATE_FIRST = "update_first"
    SUBMIT_FIRST = "submit_first"
    RANDOM = "random"


class Verdict(StrEnum):
    """What was decided about one iteration."""

    CONVERGED = "converged"
    DIVERGED = "diverged"
    LATE = "late"
    POSTGRES_WRONG = "postgres_wrong"
    ERROR = "error"

    @property
    def is_failure(self) -> bool:
        """Whether it counts in the failure rate."""
        return self in (Verdict.DIVERGED, Verdict.LATE, Verdict.POSTGRES_WRONG)


class CallOutcome(StrEnum):
    """What the caller may conclude about a call's effect."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    """The service said that nothing was done."""
    INDETERMINATE = "indeterminate"
    """It timed out or broke after it was sent: both outcomes are legal."""


class Score(NamedTuple):
    """One criterion's value."""

    criterion: str
    numeric_value: Number | None
    ai_value: Number | None
    text_value: str | None
    not_applicable: bool
    ai_scored: bool


class Header(NamedTuple):
    """What a scorecard holds beside its scores."""

    template: str
    agent: str
    creator: str
    overall_score: Number | None
    submit_time_us: Instant | None
    submitter: str
    create_time_us: Instant
    update_time_us: Instant


class Scorecard(NamedTuple):
    """One scorecard as one store holds it; `scores` is sorted by criterion."""

    header: Header
    scores: tuple[Score, ...]


class Versioned(NamedTuple, Generic[T]):
    """One ClickHouse row: what it says, and the version that ReplacingMergeTree chooses by.

    `part` is the data part that holds it, empty where that is not known or merges have removed the row; it says nothing of the content, so
    it does not count when rows are compared.
    """

    value: T
    version: int
    deleted: bool = False
    part: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Versioned) and self[:3] == other[:3]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:3])


class ClickHouseRows(NamedTuple):
    """Everything ClickHouse holds of one scorecard.

    `final_*` is what a query with FINAL sees, `raw_*` every version that merges have left, ordered by version and then as they were
    inserted. Tombstones are included. `complete` says that RAW holds every row that was ever inserted, those merged away too.
    """

    final_headers: tuple[Versioned[Header], ...] = ()
    final_scores: tuple[Versioned[Score], ...] = ()
    raw_headers: tuple[Versioned[Header], ...] = ()
    raw_scores: tuple[Versioned[Score], ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class StoreTypes:
    """The type of each compared column in both stores, by the names that they give them, under the names of Header's and Score's fields."""

    postgres: Mapping[str, str]
    clickhouse: Mapping[str, str]


class Snapshot(NamedTuple):
    """One scorecard in both stores, read between two instants.

    PostgreSQL is read first, so that a copy landing meanwhile is to ClickHouse's credit. `postgres` is None where there is no such row.
    """

    scorecard: str
    read_started_ns: int
    read_finished_ns: int
    postgres: Scorecard | None
    clickhouse: ClickHouseRows


class Update(NamedTuple):
    """What one Update sets: the overall score, and every criterion's score."""

    overall_score: float | None
    scores: tuple[Score, ...]


class Content(NamedTuple):
    """What an iteration's calls write: the draft that Create makes, the values that each Update sets, the name that Submit leaves."""

    template: str
    agent: str
    creator: str
    created_overall: float | None
    created_scores: tuple[Score, ...]
    updates: tuple[Update, ...]
    submitter: str


class Call(NamedTuple):
    """One call as the client saw it.

    `intended_ns` is when the plan wanted it to start, `started_ns` when it was handed to the channel, `finished_ns` when its answer was
    there. `server_entered_ns` is the service's own clock at the handler's entry, comparable only with other calls' of the same service.
    `update` says of an Update which of its content's updates it carries.
    """

    method: Method
    intended_ns: int
    started_ns: int
    finished_ns: int
    code: str
    detail: str
    outcome: CallOutcome
    server_entered_ns: int | None = None
    update: int = 0


class Fired(NamedTuple):
    """One iteration's calls, all of them answered: Create, then the others in the order in which they were planned to start.

    `scorecard` is the resource name, empty where Create failed; then no other was fired.
    """

    iteration: int
    api_delay_ms: float
    order: Order
    scorecard: str
    calls: tuple[Call, ...]

    @property
    def writes(self) -> tuple[Call, ...]:
        """The calls after Create, in the order in which they were planned to start; none where Create failed."""
        return self.calls[1:]

    @property
    def achieved_delay_ns(self) -> int | None:
        """How long after the first of the writes the last was started, measured by the client; None where none was."""
        return self.writes[-1].started_ns - self.writes[0].started_ns if self.writes else None

    @property
    def delay_error_ns(self) -> int | None:
        """The achieved minus the requested gap."""
        achieved_ns = self.achieved_delay_ns
        return None if achieved_ns is None else achieved_ns - round(self.api_delay_ms * NS_PER_MS)

    @property
    def server_delay_ns(self) -> int | None:
        """How long after the first of the writes the last entered the service by its own clock; negative where it was before it.

        None where one of the two entries is not reported.
        """
        if not self.writes:
            return None
        first_ns, last_ns = self.writes[0].server_entered_ns, self.writes[-1].server_entered_ns
        return None if first_ns is None or last_ns is None else last_ns - first_ns

    @property
    def server_inverted(self) -> bool | None:
        """Whether one of the writes entered the service before another that was started earlier; None where an entry is not reported."""
        entered_ns = [call.server_entered_ns for call in sorted(self.writes, key=lambda call: call.started_ns)]
        known_ns = [entry_ns for entry_ns in entered_ns if entry_ns is not None]
        if not known_ns or len(known_ns) < len(entered_ns):
            return None
        return any(later_ns < earlier_ns for earlier_ns, later_ns in pairwise(known_ns))

    @property
    def answered_ns(self) -> int:
        """When the last answer was there; the wait counts from here."""
        return max(call.finished_ns for call in self.calls)
