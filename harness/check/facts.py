"""What the evidence on one scorecard says, worked out once for the rules of `harness.check.causes`. Pure.

The terms are defined there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import Any, Generic, TypeVar

from harness.check.anomalies import Anomaly
from harness.check.convergence import live, same_row
from harness.check.fields import FieldRules
from harness.check.serial import Committed, State, committed_states
from harness.check.values import Kind, Outcome, Rule, compare, differ
from harness.check.version_time import VersionTime, version_time
from harness.model import Call, CallOutcome, ClickHouseRows, Content, Header, Score, Scorecard, Versioned
from harness.parts import Part
from harness.units import US_PER_S

R = TypeVar("R", Header, Score)

# By how much two writers' clocks may differ before "older" proves nothing, where versions may have been merged away.
SKEW_US = US_PER_S


class Age(Enum):
    """How the highest version stands to PostgreSQL's last change."""

    NEW = auto()
    OLD = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Written:
    """What an iteration's calls wrote: their content, and the calls themselves, Create first."""

    content: Content
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The evidence on one scorecard at the look that decides.

    RAW in `clickhouse` holds what any look has seen. `written` is None where nothing is known of the calls. `postgres_findings` and
    `divergences` are the symptoms.
    """

    postgres: Scorecard | None
    clickhouse: ClickHouseRows
    rules: FieldRules
    written: Written | None = None
    postgres_findings: tuple[Anomaly, ...] = ()
    divergences: tuple[Anomaly, ...] = ()


@dataclass(frozen=True)
class Row(Generic[R]):
    """One key of a scorecard in both stores: its header, or one of its scores.

    `known` are the states of it that PostgreSQL can have had, `certain` those of them that are made of calls alone which took effect
    without doubt.
    """

    name: str
    postgres: R | None
    final: tuple[R, ...]
    raw: tuple[Versioned[R], ...]
    rules: Mapping[str, Rule]
    known: tuple[R, ...] = ()
    certain: tuple[R, ...] = ()
    predicted: Set[str] = frozenset()
    """The fields that `known` tells; the others are the service's own to set."""

    @cached_property
    def differs(self) -> bool:
        """Whether FINAL shows anything else than PostgreSQL has."""
        if self.postgres is None:
            return bool(self.final)
        return len(self.final) != 1 or not same_row(self.postgres, self.final[0], self.rules)

    @cached_property
    def top_version(self) -> int | None:
        """The highest version, None where there is no row."""
        return max((row.version for row in self.raw), default=None)

    @cached_property
    def top(self) -> tuple[Versioned[R], ...]:
        """The different contents at the highest version."""
        rows: list[Versioned[R]] = []
        for row in self.raw:
            if row.version == self.top_version and row not in rows:
                rows.append(row)
        return tuple(rows)

    @cached_property
    def equal(self) -> tuple[Versioned[R], ...]:
        """The RAW rows that hold what PostgreSQL has."""
        if self.postgres is None:
            return ()
        return tuple(r for r in self.raw if not r.deleted and same_row(self.postgres, r.value, self.rules))

    def is_older(self, row: R) -> bool:
        """Whether the row is a state that PostgreSQL has left: another certain one, or by its own word one of an earlier time."""
        if self.postgres is None:
            return False
        if self.known and not self.matches(self.postgres, row):
            return any(self.matches(state, row) for state in self.certain)
        return self._earlier(self.postgres, row) or (not self.known and self._regressed(self.postgres, row))

    def unknown_fields(self, row: R, *, certain: bool = False) -> tuple[str, ...]:
        """Return the fields whose value no known state has, or no certain one, or that hold what a loss makes of PostgreSQL's value."""
        states = [*(self.certain if certain else self.known), *([] if self.postgres is None else [self.postgres])]
        unknown = []
        for name, rule in self.rules.items():
            value = getattr(row, name)
            if self.known and name in self.predicted:
                if all(differ(getattr(state, name), value, rule) for state in states):
                    unknown.append(name)
            elif self.postgres is not None and _lossy(getattr(self.postgres, name), value, rule):
                unknown.append(name)
        return tuple(unknown)

    def matches(self, state: R, row: R) -> bool:
        """Whether two rows are the same in the fields that can be told."""
        names = self.predicted if self.known else self.rules.keys()
        return all(not differ(getattr(state, n), getattr(row, n), self.rules[n]) for n in names if n in self.rules)

    def _regressed(self, postgres: R, row: R) -> bool:
        """Whether each field that differs went back: a lower version has its value, although PostgreSQL's had come too."""
        differing = [n for n, rule in self.rules.items() if differ(getattr(postgres, n), getattr(row, n), rule)]
        for name in differing:
            lower = {
                getattr(r.value, name)
                for r in self.raw
                if self.top_version is not None and r.version < self.top_version
            }
            arrived = any(
                not differ(getattr(postgres, name), getattr(r.value, name), self.rules[name]) for r in self.raw
            )
            if getattr(row, name) not in lower or not arrived:
                return False
        return bool(differing)

    def _earlier(self, postgres: R, row: R) -> bool:
        if not isinstance(row, Header) or not isinstance(postgres, Header) or "update_time_us" not in self.rules:
            return False
        ours, theirs = postgres.update_time_us, row.update_time_us
        return theirs < ours and not _cut(ours, theirs)


@dataclass(frozen=True)
class Facts:
    """The rows of a scorecard and what can be said of them together."""

    case: Case
    header: Row[Header] = field(init=False)
    scores: tuple[Row[Score], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "header", self._header())
        object.__setattr__(self, "scores", tuple(self._scores()))

    @cached_property
    def rows(self) -> tuple[Row[Any], ...]:
        """The header's row and the scores' rows."""
        return (self.header, *self.scores)

    @cached_property
    def differing(self) -> tuple[Row[Any], ...]:
        """The rows that differ."""
        return tuple(row for row in self.rows if row.differs)

    @cached_property
    def highest(self) -> int | None:
        """The highest version of all rows."""
        return max((row.top_version for row in self.rows if row.top_version is not None), default=None)

    @cached_property
    def committed(self) -> Committed:
        """The states that PostgreSQL can have had, none where nothing is known of the calls."""
        written = self.case.written
        if written is None:
            return Committed()
        return committed_states(written.content, written.calls[1:], self.case.postgres, self.case.rules)

    @property
    def states(self) -> tuple[State, ...]:
        """The possible ones of `committed`."""
        return self.committed.possible

    @cached_property
    def complete(self) -> bool:
        """Whether RAW certainly holds every version: by a journal, since no part was ever merged, or since each write's copy is there."""
        rows = self.case.clickhouse
        parts = {row.part for row in rows.raw_headers} | {row.part for row in rows.raw_scores}
        if rows.complete or (bool(parts) and all(_unmerged(part) for part in parts)):
            return True
        return self.copies_owed is not None and self.copies >= self.copies_owed[1]

    @property
    def copies(self) -> int:
        """How many versions of the header were seen."""
        return len({row.version for row in self.header.raw})

    @cached_property
    def copies_owed(self) -> tuple[int, int] | None:
        """How many copies the calls owe, at least and at most; None where nothing is known of the calls."""
        if self.case.written is None:
            return None
        outcomes = [call.outcome for call in self.case.written.calls]
        certain = outcomes.count(CallOutcome.ACKNOWLEDGED)
        return certain, certain + outcomes.count(CallOutcome.INDETERMINATE)

    @cached_property
    def age(self) -> Age:
        """How the highest version stands to PostgreSQL's last change: by its time, else by how many copies came of those owed."""
        if self.highest is None or self.case.postgres is None:
            return Age.UNKNOWN
        time = version_time(self.highest)
        if time is not None and "update_time_us" in self.case.rules.header:
            return self._age_by_time(time, self.case.postgres.header.update_time_us)
        if self.copies_owed is None or not self.complete:
            return Age.UNKNOWN
        if self.copies < self.copies_owed[0]:
            # Where PostgreSQL's header came, the copy that is missing is one of those before.
            return Age.UNKNOWN if self.header.equal else Age.OLD
        return Age.NEW if self.copies >= self.copies_owed[1] else Age.UNKNOWN

    def _age_by_time(self, version: VersionTime, changed_us: Any) -> Age:
        if version.latest_us >= changed_us:
            return Age.NEW
        return Age.OLD if self.complete or changed_us - version.latest_us > SKEW_US else Age.UNKNOWN

    def _header(self) -> Row[Header]:
        postgres, rows = self.case.postgres, self.case.clickhouse
        ours = None if postgres is None else postgres.header
        # Where PostgreSQL has no row, its states are not asked for.
        known, certain = ((), ()) if ours is None else (_headers(states, ours) for states in self.committed)
        rules, shown = self.case.rules.header, live(rows.final_headers)
        return Row("header", ours, shown, rows.raw_headers, rules, known, certain, PREDICTED_HEADER)

    def _scores(self) -> Iterator[Row[Score]]:
        postgres, rows = self.case.postgres, self.case.clickhouse
        ours = {} if postgres is None else {score.criterion: score for score in postgres.scores}
        final, raw = _by_criterion(rows.final_scores), _by_criterion(rows.raw_scores)
        rules = self.case.rules.score
        for criterion in sorted({*ours, *final, *raw}):
            known, certain = (_scores_of(states, criterion) for states in self.committed)
            shown, versions = live(final.get(criterion, ())), tuple(raw.get(criterion, ()))
            yield Row(f"score {criterion}", ours.get(criterion), shown, versions, rules, known, certain, rules.keys())


PREDICTED_HEADER = frozenset({"template", "agent", "creator", "overall_score", "submitter"})


def _headers(states: Iterable[State], model: Header) -> tuple[Header, ...]:
    """Return a header for each state, in their order; its times are the model's."""
    return tuple(
        model._replace(**{name: getattr(state, name) for name in sorted(PREDICTED_HEADER)}) for state in states
    )


def _scores_of(states: Iterable[State], criterion: str) -> tuple[Score, ...]:
    """Return the scores that the states have of one criterion, without repeats."""
    return tuple(dict.fromkeys(score for state in states for score in state.scores if score.criterion == criterion))


def _by_criterion(rows: Iterable[Versioned[Score]]) -> dict[str, Sequence[Versioned[Score]]]:
    found: dict[str, list[Versioned[Score]]] = {}
    for row in rows:
        found.setdefault(row.value.criterion, []).append(row)
    return dict(found)


def _lossy(ours: object, theirs: object, rule: Rule) -> bool:
    """Return whether a value is what a loss makes of PostgreSQL's that the column did not impose."""
    comparison = compare(ours, theirs, rule)
    if comparison.outcome is not Outcome.DIFFERENT:
        return False
    return comparison.loss is not None or (rule.postgres.kind is Kind.INSTANT and _cut(ours, theirs))


def _cut(ours: object, theirs: object) -> bool:
    """Return whether an instant was cut to whole milliseconds or seconds on its way to a finer column."""
    if not isinstance(ours, int) or not isinstance(theirs, int):
        return False
    return ours != theirs and theirs in (ours // 1000 * 1000, ours // US_PER_S * US_PER_S)


def _unmerged(name: str) -> bool:
    """Return whether a part is certainly as it was inserted."""
    part = Part.parse(name)
    return part is not None and part.merges == 0
