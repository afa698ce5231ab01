"""What came of the interleavings of one behaviour, and which of the bad ones is the smallest. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.check.anomalies import Anomaly, Role
from harness.check.judgement import Judgement
from harness.explore.schedule import Schedule, switches
from harness.scenario import BehaviourName
from harness.service.steps import Step


@dataclass(frozen=True, slots=True)
class Outcome:
    """One interleaving: the judgement on the settled stores, or why it could not be played."""

    number: int
    schedule: Schedule
    scorecard: str
    judgement: Judgement | None
    error: str | None = None

    @property
    def stale(self) -> bool:
        """Whether ClickHouse does not tell what PostgreSQL holds."""
        return self.judgement is not None and bool(self.judgement.clickhouse)

    @property
    def postgres_wrong(self) -> bool:
        """Whether no serial order of the calls explains what PostgreSQL holds."""
        return self.judgement is not None and bool(self.judgement.postgres)

    @property
    def causes(self) -> tuple[Anomaly, ...]:
        """By which way what is wrong came about, where that is decided."""
        found = () if self.judgement is None else self.judgement.causes
        return tuple(anomaly for anomaly in found if anomaly.role is Role.CAUSE)

    @property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """Causes, notes and symptoms."""
        one = self.judgement
        return () if one is None else (*one.causes, *one.postgres, *one.clickhouse)

    @property
    def clean(self) -> bool:
        """Whether it was played and both stores are right."""
        return self.judgement is not None and not self.stale and not self.postgres_wrong


@dataclass(frozen=True, slots=True)
class Explored:
    """All interleavings of one behaviour. `expected` is their number by the formula; the stores are told by their versions."""

    behaviour: BehaviourName
    steps: tuple[Step, ...]
    expected: int
    outcomes: tuple[Outcome, ...]
    seconds: float
    postgres: str
    clickhouse: str

    def number(self, holds: Callable[[Outcome], bool]) -> int:
        """Return of how many interleavings something holds."""
        return sum(map(holds, self.outcomes))

    @property
    def exhaustive(self) -> bool:
        """Whether every interleaving that there is was played and judged."""
        return self.number(lambda outcome: outcome.judgement is not None) == self.expected

    @property
    def smallest_stale(self) -> Outcome | None:
        """The smallest counter-example to ClickHouse telling what PostgreSQL holds, None where there is none."""
        return smallest([outcome for outcome in self.outcomes if outcome.stale])

    @property
    def smallest_postgres_wrong(self) -> Outcome | None:
        """The smallest counter-example to PostgreSQL being explained, None where there is none."""
        return smallest([outcome for outcome in self.outcomes if outcome.postgres_wrong])


def smallest(outcomes: Sequence[Outcome]) -> Outcome | None:
    """Return the one in which the turn passes from one call to the other least often, of equal ones the first; None of none."""
    return min(outcomes, key=lambda outcome: (switches(outcome.schedule), outcome.number), default=None)
